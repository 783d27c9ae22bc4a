import { spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LONG } from './support/long.ts'
import { BACKEND, Client, startPlatform } from './support/platform.ts'
import { processesWith } from './support/processes.ts'
import { openResources, released } from './support/resources.ts'

const STREAMS = LONG ? 5_000 : 1_000
const SOCKETS = LONG ? 2_000 : 400
const PROCESSES = LONG ? 100 : 20
/** How many times longer it may take to start processes through the platform than by hand. */
const MUCH_LATER = 4
/** Of this process: the streams, and both ends of what the proxy joins. */
const DESCRIPTORS = STREAMS + 2 * SOCKETS + 500

const echo = fileURLToPath(new URL('../../conformance/backend.mjs', import.meta.url))
const crowd = fileURLToPath(new URL('fixtures/crowd.mjs', import.meta.url))

/** How many files this process may have open. */
function descriptorLimit(): number {
  const [, limit = 'unlimited'] =
    /^Max open files +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit)
}

/** A separate program, so that the clients' descriptors are not counted as the platform's. */
async function startCrowd(...args: string[]) {
  const child = spawn(process.execPath, [crowd, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await once(child, 'close')
  })
  const lines = on(createInterface(child.stdout), 'line')
  return async (line: string, answer: string) => {
    if (line) child.stdin.write(`${line}\n`)
    const { value } = await lines.next()
    expect(value).toEqual([answer])
  }
}

describe('many at once', { timeout: 60_000 }, () => {
  it('200 spawns of one lock are one process, and one of them has spawned it', async () => {
    const client = new Client(await startPlatform())
    const sessions = await Promise.all(Array.from({ length: 200 }, () => client.spawn({ lock: 'doc' })))
    expect(sessions.filter(({ spawned }) => spawned)).toHaveLength(1)
    const [name] = new Set(sessions.map((session) => session.name))
    expect(sessions.every((session) => session.name === name)).toBe(true)
    await client.until(sessions[0] ?? expect.fail(), 'Ready')
    expect(processesWith('SESSION_BACKEND_KEY=doc')).toHaveLength(1)
  })

  it('a spawn whose client left has spawned the backend that holds the lock from then on', async () => {
    const client = new Client(await startPlatform())
    client.platform.faults.add({ kind: 'cut', endpoint: 'spawn', bytes: 1, times: 5 })
    const lost = Array.from({ length: 5 }, () => client.spawn({ lock: 'doc' }).catch(() => 'lost'))
    expect(new Set(await Promise.all(lost))).toEqual(new Set(['lost']))
    const session = await client.spawn({ lock: 'doc' })
    expect(session.spawned).toBe(false)
    await client.until(session, 'Ready')
    expect(processesWith('SESSION_BACKEND_KEY=doc')).toHaveLength(1)
  })

  it(`${PROCESSES} processes are Ready within 15 s, or not much later than as many that nobody manages`, async ({
    annotate,
  }) => {
    const client = new Client(await startPlatform({ startTimeoutSeconds: 240 }))
    const startManaged = async () => {
      const begin = performance.now()
      const sessions = await Promise.all(Array.from({ length: PROCESSES }, () => client.ready()))
      const took = performance.now() - begin
      await Promise.all(sessions.map((session) => client.terminate(session)))
      return took
    }
    const alone = await startManaged()
    await annotate(`${PROCESSES} processes were Ready after ${seconds(alone)}`)
    if (alone < 15_000) return
    // A machine that is slow, or busy with other things, is so for both at the same time.
    const [managed, bare] = await Promise.all([startManaged(), startBare(PROCESSES)])
    await annotate(`Side by side: ${seconds(managed)} managed, ${seconds(bare)} by hand`)
    expect(managed).toBeLessThan(bare * MUCH_LATER)
  }, 300_000)

  it(`${STREAMS} status streams and ${SOCKETS} WebSockets leave nothing behind when they end`, async (context) => {
    context.skip(descriptorLimit() < DESCRIPTORS, `needs ulimit -n to be at least ${DESCRIPTORS}`)
    const client = new Client(
      await startPlatform({ services: { editor: { command: [process.execPath, echo] } } }),
    )
    const session = await client.ready()
    const tell = await startCrowd(session.statusUrl, session.url, String(STREAMS), String(SOCKETS))
    const { dashboardUrl, token } = client.platform
    const headers = { authorization: `Bearer ${token}` }
    const connections = async () => {
      const answer = await fetch(new URL('dashboard/state', dashboardUrl), { headers })
      return (await answer.json()).backends[0].connections
    }
    // Its connection is kept, and counted from now on.
    expect(await connections()).toBe(0)
    const before = openResources()

    await tell('open', 'opened')
    expect(await connections()).toBe(SOCKETS)
    expect(openResources().get('file descriptors')).toBeGreaterThan(STREAMS + 2 * SOCKETS)
    await tell('leave', 'closed')
    await released(before)

    await tell('open', 'opened')
    client.platform.faults.lose(session.name)
    await tell('', 'closed')
    await released(before)
  }, 120_000)
})

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

/** Starts processes by hand, and waits until each of them listens. Resolves to how long that took, in ms. */
async function startBare(count: number): Promise<number> {
  const [program, ...args] = BACKEND
  const begin = performance.now()
  await Promise.all(
    Array.from({ length: count }, async () => {
      const child = spawn(program, args, { env: { PORT: '0' }, stdio: ['ignore', 'pipe', 'ignore'] })
      onTestFinished(() => void child.kill('SIGKILL'))
      for await (const chunk of child.stdout) if (String(chunk).includes('listening')) break
      child.kill('SIGKILL')
      await once(child, 'close')
    }),
  )
  return performance.now() - begin
}
