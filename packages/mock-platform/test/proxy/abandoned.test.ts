import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { readTcpTable } from '../../src/proxy/tcp-table.ts'
import { House } from './house.ts'

/** How soon a backend must know that its client has left, in ms. */
const SOON = 12_000
/** More than all buffers between a client and a backend hold, in bytes. */
const LARGE = 32 * 1024 * 1024

/** A program that sends the head of a request, then more than anybody takes, and does as it is told on a line. */
const CLIENT = `
const [, url, head] = process.argv
const { hostname, port, pathname } = new URL(url)
const socket = require('node:net').connect(port, hostname)
socket.on('error', () => {})
let answer = ''
socket.on('data', (chunk) => { answer += chunk })
socket.on('end', () => console.log(JSON.stringify(answer)))
socket.write(head.replace('PATH', pathname))
socket.write(Buffer.alloc(${LARGE}))
setTimeout(() => console.log('stuck'), 500)
process.stdin.on('data', (line) => socket[String(line).trim()]())
`
const UPLOAD = `POST PATH HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${LARGE}\r\n\r\n`
const WEB_SOCKET = 'GET PATH HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'

/** A backend that reads nothing until `read` is called, and a client whose bytes have filled every buffer. */
async function openStuck(head: string) {
  let read = () => {}
  const house = await House.open((request, response) => {
    read = () => void request.resume().once('end', () => response.end('read'))
  })
  house.back.server.on('upgrade', (_request, socket) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
  })
  const client = spawn(process.execPath, ['-e', CLIENT, house.url(), head], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void client.kill('SIGKILL'))
  await once(client.stdout, 'data')
  await vi.waitFor(() => expect(house.backend.connections).toBe(1))
  return { house, client, read: () => read() }
}

/** The connections to the backend, as the kernel of this machine knows them. */
async function connectionsOf(house: House): Promise<string[]> {
  const port = house.back.address.port.toString(16).toUpperCase().padStart(4, '0')
  return [...(await readTcpTable()).keys()].filter(
    (ends) => ends.includes(`:${port} `) && !ends.endsWith(':0000'),
  )
}

describe.runIf(process.platform === 'linux')('while a backend reads nothing', () => {
  it.each([
    ['was uploading to it', UPLOAD, 'SIGKILL'],
    ['was uploading to it and resets its connection', UPLOAD, 'resetAndDestroy'],
    ['has a WebSocket to it', WEB_SOCKET, 'SIGKILL'],
  ])('the end of a client that %s ends the connection to the backend', async (_, head, how) => {
    const { house, client } = await openStuck(head)
    const left = performance.now()
    if (how === 'SIGKILL') client.kill(how)
    else client.stdin.write(`${how}\n`)
    await vi.waitFor(() => expect(house.backend.connections).toBe(0), { timeout: SOON })
    expect(performance.now() - left).toBeLessThan(SOON)
    await vi.waitFor(() => expect(house.front.sockets.size).toBe(0))
    if (head === UPLOAD) await vi.waitFor(async () => expect(await connectionsOf(house)).toEqual([]))
  })

  it('a client that waits keeps its connection, and has its answer once the backend reads', async () => {
    const { house, client, read } = await openStuck(UPLOAD)
    const answer = once(client.stdout, 'data')
    // Long enough for several looks at the client.
    await delay(3_500)
    expect(house.backend.connections).toBe(1)
    read()
    expect(String((await answer)[0])).toContain('HTTP/1.1 200 OK')
  })
})
