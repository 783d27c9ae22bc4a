// @ts-check

/**
 * Listens, and tells the parent process where; from then on, whenever it asks, how much processor time was used.
 * @param {import('node:http').Server} server
 * @param {() => number} calls
 */
export function serveForBench(server, calls = () => 0) {
  server.listen(0, '127.0.0.1', 4096, () => {
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    process.send?.({ url: `http://127.0.0.1:${port}` })
  })
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpu: user + system, calls: calls() })
  })
  process.on('disconnect', () => process.exit())
}
