// @ts-check
// The production build of the Next app beside this folder: its routes are ours and one by hand.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { serveForBench } from './serve-for-bench.mjs'

// An import would bring Next's types along, and with them its idea of `process.env`, into the whole workspace.
const next = createRequire(import.meta.url)('next')

const app = next({ dev: false, dir: join(import.meta.dirname, '../next-app') })
await app.prepare()
const handle = app.getRequestHandler()

serveForBench(createServer((request, response) => handle(request, response)))
