import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { watchEventLoop } from './support/event-loop.ts'
import { Client, startPlatform } from './support/platform.ts'

const HOSTILE = [process.execPath, join(import.meta.dirname, 'fixtures/hostile.mjs')] as const

it.each(['/hints', '/links', '/headers', '/connection', '/cors', '/log'])(
  'no backend blocks the platform for more than 50 ms by what it sends: %s',
  async (path) => {
    const client = new Client(await startPlatform({ services: { hostile: { command: HOSTILE } } }))
    const session = await client.ready({}, 'hostile')
    const { port, pathname } = new URL(session.url)
    /** Sends a request, and reads until the answer, or what comes of it, ends like this. */
    const ask = async (target: string, end: RegExp) => {
      const socket = connect(Number(port), '127.0.0.1')
      onTestFinished(() => void socket.destroy())
      let last = ''
      socket.setEncoding('latin1').on('data', (chunk) => {
        last = `${last}${chunk}`.slice(-40)
      })
      socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sekret\r\n\r\n`)
      await vi.waitFor(() => expect(last).toMatch(end), { timeout: 20_000 })
    }
    const ok = /\bok(\r\n0\r\n\r\n)?$/
    // What is only done once, as to load and compile code, is not what this is about.
    for (let i = 0; i < 20; i++) await ask(pathname, ok)
    const log = path === '/log' && ask(`/backend/${session.name}/logs`, /data: end\n\n\r\n$/)

    const stop = watchEventLoop()
    for (let i = 0; i < 5; i++) await ask(`${pathname.slice(0, -1)}${path}`, ok)
    await ask(`${pathname}end`, ok)
    await log
    const { work, delay } = stop()
    console.log(`${path}: ${work.toFixed(1)} ms of work at a time, ${delay.toFixed(1)} ms of delay`)
    expect(work).toBeLessThan(50)
  },
  60_000,
)
