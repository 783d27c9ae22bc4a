// @ts-check
import { createServer } from 'node:net'

/**
 * Ports of loopback that were free a moment ago, for programs that must be told which to take.
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function findPorts(count) {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise((/** @type {(port: number) => void} */ resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(typeof address === 'object' && address ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
