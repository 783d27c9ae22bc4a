import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A display without a screen; its number comes on the fourth pipe. */
export async function startDisplay(): Promise<{ display: string; process: ChildProcess }> {
  const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const pipe = xvfb.stdio[3]
  if (!pipe) throw new Error('Xvfb has no pipe to tell its display on.')
  const [number] = await once(pipe, 'data')
  return { display: `:${String(number).trim()}`, process: xvfb }
}

/** WebKit's driver on a free port. */
export async function startDriver(display: string): Promise<{ url: string; process: ChildProcess }> {
  const port = await freePort()
  const driver = spawn('WebKitWebDriver', [`--port=${port}`], {
    stdio: 'ignore',
    env: { ...process.env, DISPLAY: display },
  })
  const url = `http://127.0.0.1:${port}`
  await untilAnswers(`${url}/status`)
  return { url, process: driver }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return address.port
}

async function untilAnswers(url: string): Promise<void> {
  for (const until = Date.now() + 10_000; Date.now() < until; await delay(50)) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return
  }
  throw new Error(`WebKitWebDriver did not answer at ${url} within 10 s.`)
}
