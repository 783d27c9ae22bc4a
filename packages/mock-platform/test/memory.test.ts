import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { watchStatus } from '@session-backend/core'
import { expect, it, onTestFinished } from 'vitest'
import { LONG } from './support/long.ts'
import { buildProgram, Program, ready, spawn } from './support/program.ts'
import { tempFolder } from './support/temp-folder.ts'

/** The platform remembers 1,000 backends that have ended. */
const ENDED = LONG ? 1_000 : 200
const AT_ONCE = 50
/** How much each of them may take, in bytes: 200 MB for all that are remembered. */
const LIMIT = (200 * 1024 * 1024) / 1_000

/** Backends that print 480 kB in letters that aren't Latin and then end, and one that tells the platform's memory. */
const CONFIG = `
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose_gc')
const gc = runInNewContext('gc')
const line = 'Строка журнала, написанная кириллицей. '.repeat(12) + '\\n'
// As it comes through a pipe: a line that is kept must not keep the whole piece.
const LINES = 250

export default {
  port: 0, account: 'acme', token: 'sekret', onStatus() {},
  services: {
    editor: {
      serve(server, { env, log, exit }) {
        for (const piece of ['first', 'last']) log(line.repeat(LINES) + env.SESSION_BACKEND_ID + piece)
        exit(1)
      },
    },
    memory: {
      serve(server) {
        server.on('request', (_, response) => {
          gc()
          const { heapUsed, external } = process.memoryUsage()
          response.end(String(heapUsed + external))
        })
      },
    },
  },
}
`

it('1,000 ended backends whose logs are not Latin take less than 200 MB, also when all logs were read', async ({
  annotate,
}) => {
  const program = await buildProgram()
  onTestFinished(() => program.remove())
  const path = join(tempFolder(), 'config.mjs')
  writeFileSync(path, CONFIG)
  const url = await new Program(program.path, ['--config', path, '--log-level', 'silent']).url()
  const memory = await ready(url, {}, 'memory')
  const used = async () => Number(await (await fetch(memory.url)).text())
  const before = await used()
  const names: string[] = []
  while (names.length < ENDED) {
    const sessions = await Promise.all(Array.from({ length: AT_ONCE }, () => spawn(url)))
    for (const { name, statusUrl } of sessions) {
      names.push(name)
      for await (const { state } of watchStatus(`${statusUrl}/stream`)) if (state === 'Failed') break
    }
  }
  const ended = await used()
  for (const name of names) {
    const logs = await fetch(`${url}/backend/${name}/logs`, { headers: { authorization: 'Bearer sekret' } })
    if (name === names.at(-1)) expect(await logs.text()).toContain(`${name}last`)
    else await logs.arrayBuffer()
  }
  const read = await used()
  const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`
  await annotate(
    `${ENDED} take ${megabytes(ended - before)}, and ${megabytes(read - before)} when all logs were read`,
  )
  expect((ended - before) / ENDED).toBeLessThan(LIMIT)
  expect((read - before) / ENDED).toBeLessThan(LIMIT)
}, 300_000)
