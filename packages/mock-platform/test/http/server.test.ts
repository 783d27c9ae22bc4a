import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nameOf } from '../../src/http/server.ts'
import { text } from '../proxy/house.ts'
import { startPlatform } from '../support/platform.ts'

/** A bare connection to a platform. */
function dial({ url }: { url: string }) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  return socket
}

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['platform.test', 'platform.test'],
  ['::1', '[::1]'],
  ['0.0.0.0', 'localhost'],
  ['::', 'localhost'],
])('a platform that listens on %s has URLs of %s', (host, name) => {
  expect(nameOf(host)).toBe(name)
})

describe('a target that is no URL', () => {
  it.each(['//', '/\\\\', '//[', 'http://', 'http://[/'])('%s is not found', async (target) => {
    const socket = dial(await startPlatform())
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 404 /)
  })
})
