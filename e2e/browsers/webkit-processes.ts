import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** How long a process may take to be ready, in ms. */
const PATIENCE = 20_000

/** A display without a screen, and WebKit's driver on it. */
export async function startProcesses(): Promise<{ url: string; kill(): void }> {
  const processes: ChildProcess[] = []
  const kill = () => {
    for (const process of processes) process.kill()
  }
  try {
    // Its number comes on the fourth pipe.
    const args = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp']
    const xvfb = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
    processes.push(xvfb)
    const pipe = xvfb.stdio[3]
    if (!pipe) throw new Error('Xvfb has no pipe to tell its display on.')
    const [number] = await once(pipe, 'data', { signal: AbortSignal.timeout(PATIENCE) })

    const port = await freePort()
    const env = { ...process.env, DISPLAY: `:${String(number).trim()}` }
    processes.push(spawn('WebKitWebDriver', [`--port=${port}`], { stdio: 'ignore', env }))
    const url = `http://127.0.0.1:${port}`
    await untilAnswers(`${url}/status`)
    return { url, kill }
  } catch (error) {
    kill()
    throw error
  }
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
  for (const until = Date.now() + PATIENCE; Date.now() < until; await delay(50)) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return
  }
  throw new Error(`WebKitWebDriver did not answer at ${url} within ${PATIENCE} ms.`)
}
