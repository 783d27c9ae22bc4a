// @ts-check

/**
 * Listens, and tells the parent process where.
 * @param {import('node:http').Server} server
 * @param {() => number} calls
 */
export function serveForBench(server, calls = () => 0) {
  server.listen(0, '127.0.0.1', 4096, () => reportForBench(portOf(server), calls))
}

/**
 * Tells the parent process the port of a server that listens, and from then on, whenever it asks, how much processor time was
 * used.
 * @param {number} port
 * @param {() => number} calls
 */
export function reportForBench(port, calls = () => 0) {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpu: user + system, calls: calls() })
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ url: `http://127.0.0.1:${port}` })
}

/** @param {import('node:net').Server} server */
export function portOf(server) {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
