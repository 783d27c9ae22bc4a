// @ts-check

/**
 * Tells the parent process, whenever it asks, how much processor time and memory was used. The garbage is collected first,
 * where the process runs with --expose-gc.
 * @param {() => number} calls
 */
export function answerUsage(calls = () => 0) {
  process.on('message', async () => {
    for (let round = 0; round < 3; round++) {
      globalThis.gc?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { user, system } = process.cpuUsage()
    const { rss, heapUsed } = process.memoryUsage()
    process.send?.({ cpu: user + system, calls: calls(), rss, heap: heapUsed })
  })
}
