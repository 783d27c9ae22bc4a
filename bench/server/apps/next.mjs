// @ts-check
// `next start` on the production build of the app next to this folder: its routes are ours and one by hand.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { accepts } from '../../shared/accepts.mjs'
import { freePort } from '../../shared/free-port.mjs'
import { reportForBench } from '../../shared/serve-for-bench.mjs'

const port = await freePort()
process.chdir(join(import.meta.dirname, '../next-app'))
process.argv.push('start', '--port', String(port), '--hostname', '127.0.0.1')
// In this very process, whose processor time is asked for.
createRequire(import.meta.url)('next/dist/bin/next')
while (!(await accepts(port)));
reportForBench(port)
