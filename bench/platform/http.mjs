// @ts-check
import autocannon from 'autocannon'

/**
 * Sends requests for a while.
 * @param {string} url
 * @param {{ connections: number, seconds: number }} load
 * @returns {Promise<import('./proxy.mjs').Measured>}
 */
export async function sendRequests(url, { connections, seconds }) {
  const result = await autocannon({ url, connections, duration: seconds })
  if (result.non2xx > 0 || result.errors > 0 || result['2xx'] === 0)
    throw new Error(`${result.non2xx} refusals and ${result.errors} errors in ${result['2xx']} answers.`)
  return { value: result['2xx'] / result.duration, count: result['2xx'] }
}
