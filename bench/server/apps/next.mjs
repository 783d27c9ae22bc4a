// @ts-check
// `next start` on the production build of the app beside this folder: its routes are ours and one by hand.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort } from '../../shared/free-port.mjs'
import { reportForBench } from '../../shared/serve-for-bench.mjs'

const port = await freePort()
process.chdir(join(import.meta.dirname, '../next-app'))
process.argv.push('start', '--port', String(port), '--hostname', '127.0.0.1')
// In this very process, whose processor time is asked for.
createRequire(import.meta.url)('next/dist/bin/next')
while (!(await listens(port)));
reportForBench(port)

/** @param {number} port */
async function listens(port) {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
