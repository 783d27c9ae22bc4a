// @ts-check
import { once } from 'node:events'
import { Agent, request as sendRequest } from 'node:http'

/**
 * How often the platform is called for simultaneous requests for one document, over connections that are open already.
 * @param {import('../shared/program.mjs').Program} app
 * @param {import('../shared/program.mjs').Program} upstream
 * @param {number} size
 * @returns {Promise<number>}
 */
export async function callsPerBurst(app, upstream, size, bursts = 20) {
  const agent = new Agent({ keepAlive: true, maxSockets: size })
  /** @param {string} document */
  const open = async (document) => {
    const request = sendRequest(`${app.url}${app.mount}/${document}`, {
      agent,
      method: 'POST',
      headers: { cookie: 'session=1' },
    }).end()
    const [response] = await once(request, 'response')
    await once(response.resume(), 'end')
  }
  /** @param {string} document */
  const burst = (document) => Promise.all(Array.from({ length: size }, () => open(document)))
  try {
    await burst('warm-up')
    const before = await upstream.usage()
    for (let index = 0; index < bursts; index++) await burst(`burst-${index}`)
    return ((await upstream.usage()).calls - before.calls) / bursts
  } finally {
    agent.destroy()
  }
}
