// @ts-check
import autocannon from 'autocannon'

/** @typedef {{ connections: number, documents: 'distinct' | 'hot', seconds: number }} Load */
/** @typedef {{ perSecond: number, p99: number, cpu: number, calls: number }} Sample */

let documents = 0

/**
 * Loads one app for a while. `p99` is in ms, `cpu` is the app's processor time per request in µs, `calls` is how often the
 * platform was called per request.
 * @param {import('../shared/program.mjs').Program} app
 * @param {import('../shared/program.mjs').Program} upstream
 * @param {Load} load
 * @returns {Promise<Sample>}
 */
export async function measure(app, upstream, { connections, documents: kind, seconds }) {
  const [appBefore, upstreamBefore] = await Promise.all([app.usage(), upstream.usage()])
  const result = await autocannon({
    url: app.url,
    connections,
    duration: seconds,
    requests: [
      {
        method: 'POST',
        path: `${app.mount}/hot`,
        // As a browser's `fetch` says it of a POST without a body.
        headers: { cookie: 'session=1', 'content-length': '0' },
        ...(kind === 'distinct' && {
          setupRequest: (request) => ({ ...request, path: `${app.mount}/doc-${++documents}` }),
        }),
      },
    ],
  })
  if (result.non2xx > 0 || result.errors > 0 || result['2xx'] === 0)
    throw new Error(`${result.non2xx} refusals and ${result.errors} errors in ${result['2xx']} answers.`)
  const [appAfter, upstreamAfter] = await Promise.all([app.usage(), upstream.usage()])
  const answers = result['2xx']
  return {
    perSecond: answers / result.duration,
    p99: result.latency.p99,
    cpu: (appAfter.cpu - appBefore.cpu) / answers,
    calls: (upstreamAfter.calls - upstreamBefore.calls) / answers,
  }
}

/**
 * Measures the apps in turns, so that other load on the machine slows all of them: one sample of each per round.
 * @template {string} Name
 * @param {Record<Name, import('../shared/program.mjs').Program>} apps
 * @param {import('../shared/program.mjs').Program} upstream
 * @param {Load & { rounds: number }} load
 * @returns {Promise<Record<Name, Sample>[]>}
 */
export async function compare(apps, upstream, { rounds, ...load }) {
  const names = /** @type {Name[]} */ (Object.keys(apps))
  const results = []
  for (let round = 0; round < rounds; round++) {
    /** @type {Partial<Record<Name, Sample>>} */
    const samples = {}
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      samples[name] = await measure(apps[name], upstream, load)
    }
    results.push(/** @type {Record<Name, Sample>} */ (samples))
  }
  return results
}
