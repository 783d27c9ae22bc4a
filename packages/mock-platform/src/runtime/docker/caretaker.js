// A separate program, which outlives a platform that is killed: at the end of its input, which is the platform's, it
// removes the platform's containers. With `sweep` it first removes those of an earlier platform, then says so.
import { once } from 'node:events'
import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

const [socketPath = '', label = '', first = ''] = process.argv.slice(1)
const filters = encodeURIComponent(JSON.stringify({ label: [label] }))

process.stdin.resume()
const platformEnded = once(process.stdin, 'end')
if (first === 'sweep') await removeAll()
process.stdout.write('ready\n')
await platformEnded
await removeAll()
// What the platform asked for last may still have been on its way.
await delay(500)
await removeAll()

async function removeAll() {
  for (;;) {
    const containers = JSON.parse(await call('GET', `/containers/json?all=1&filters=${filters}`))
    if (containers.length === 0) return
    await Promise.all(
      containers.map((/** @type {{ Id: string }} */ { Id }) =>
        call('DELETE', `/containers/${Id}?force=1&v=1`),
      ),
    )
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @returns {Promise<string>}
 */
async function call(method, path) {
  const sent = request({ socketPath, method, path }).end()
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return text
}
