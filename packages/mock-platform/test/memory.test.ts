import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { watchStatus } from '@session-backend/core'
import { expect, it, onTestFinished } from 'vitest'
import { buildProgram, Program, ready, spawn } from './support/program.ts'
import { tempFolder } from './support/temp-folder.ts'

const ENDED = 1_000
const AT_ONCE = 50
/** In bytes. */
const LIMIT = 200 * 1024 * 1024

/** Backends that print 1 MB in letters that aren't Latin and then end, and one that tells the platform's memory. */
const CONFIG = `
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose_gc')
const gc = runInNewContext('gc')
const line = 'Строка журнала, написанная кириллицей. '.repeat(3)

export default {
  port: 0, account: 'acme', token: 'sekret', onStatus() {},
  services: {
    editor: {
      serve(server, { env, log, exit }) {
        for (let i = 0; i < 1_200; i++) log(env.SESSION_BACKEND_ID + line + i)
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

it(`${ENDED} ended backends whose logs are not Latin take less than 200 MB, also when all logs were read`, async ({
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
    if (name === names.at(-1)) expect(await logs.text()).toContain('кириллицей. 1199')
    else await logs.arrayBuffer()
  }
  const read = await used()
  const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`
  await annotate(`${megabytes(ended - before)} more, ${megabytes(read - before)} when all logs were read`)
  expect(ended - before).toBeLessThan(LIMIT)
  expect(read - before).toBeLessThan(LIMIT)
}, 300_000)
