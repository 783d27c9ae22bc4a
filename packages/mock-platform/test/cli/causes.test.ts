import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildProgram, Program, spawn } from '../support/program.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** The section of docs/troubleshooting.md on the platform's terminal: the sentences of its table. */
const [, section = ''] = readFileSync(
  join(import.meta.dirname, '../../../../docs/troubleshooting.md'),
  'utf8',
).split("## What the platform's terminal says")
const SENTENCES = [...section.matchAll(/^\| `(.+?)` +\|/gm)].map(([, sentence = '']) => sentence)

const node = (code: string) => `'${process.execPath}' -e '${code}'`

/** By the order of the table. */
const SERVICES = [
  ['crashing', node('console.error("Error: no config"); process.exit(3)')],
  ['leaving', node('process.exit(0)')],
  ['deaf', node('setInterval(() => {}, 1000)')],
  ['missing', 'no-such-program'],
  ['data', "'/etc/passwd'"],
] as const

let program = { path: '', remove: async () => {} }
beforeAll(async () => {
  program = await buildProgram()
})
afterAll(() => program.remove())

it('names the cause and the next step of each failed start, as docs/troubleshooting.md lists them', async () => {
  const services = SERVICES.flatMap(([name, command]) => ['--service', `${name}=${command}`])
  const platform = new Program(program.path, [
    ...['--port', '0', '--account', 'acme', '--token', 'sekret', '--start-timeout', '2'],
    ...services,
  ])
  const url = await platform.url()
  for (const [index, [name]] of SERVICES.entries()) {
    await spawn(url, {}, name)
    await expect.poll(() => platform.errors, { message: name }).toContain(SENTENCES[index])
  }
  expect(platform.errors).toContain('Error: no config')
  expect(platform.errors).not.toContain('sekret')
})

it('tells a second platform on the same data folder which one uses it', async () => {
  const folder = tempFolder()
  const args = ['--port', '0', '--account', 'acme', '--token', 'sekret', '--data-dir', folder]
  const first = new Program(program.path, args)
  const url = await first.url()
  const second = new Program(program.path, args)
  expect(await second.exited).not.toBe(0)
  const sentence = (SENTENCES[5] ?? '')
    .replace('<folder>', folder)
    .replace('<number>', String(first.process.pid))
    .replace('<url>', new URL(url).origin)
  expect(second.errors).toContain(sentence)
})
