// `compression()` before a handler of the Fetch API, through Hono's adapter for Node.

import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { listening, prepare, sessionBackends } from './app.mjs'
import { wrap } from './wrap.mjs'

const listener = getRequestListener((request) => sessionBackends.handle(prepare(request)))
listening(createServer((request, response) => wrap(request, response, () => listener(request, response))))
