// @ts-check
import { answerUsage } from './answer-usage.mjs'

/**
 * Listens, and tells the parent process where.
 * @param {import('node:http').Server} server
 * @param {() => number} calls
 */
export function serveForBench(server, calls = () => 0) {
  server.listen(0, '127.0.0.1', 4096, () => reportForBench(portOf(server), calls))
}

/**
 * Tells the parent process the port of a server that listens, and from then on what it uses; ends with the parent.
 * @param {number} port
 * @param {() => number} calls
 */
export function reportForBench(port, calls = () => 0) {
  answerUsage(calls)
  process.on('disconnect', () => process.exit())
  process.send?.({ url: `http://127.0.0.1:${port}` })
}

/** @param {import('node:net').Server} server */
export function portOf(server) {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
