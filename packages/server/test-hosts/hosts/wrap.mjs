// Middleware as an app has it: log4js wraps `writeHead` and returns nothing, `compression()` holds back what it compresses.
import compression from 'compression'
import log4js from 'log4js'
import { rewrite, signIn } from './app.mjs'

log4js.configure({
  appenders: { out: { type: 'recording' } },
  categories: { default: { appenders: ['out'], level: 'info' } },
})
const log = log4js.connectLogger(log4js.getLogger(), { level: 'info' })
const compress = compression({ filter: () => true, threshold: 0 })

/** Wraps the answer as an app's middleware does. */
export function wrap(request, response, next) {
  log(request, response, () => compress(request, response, next))
}

/** Runs an app's middleware before `next`, on Node's request and answer. */
export function middleware(request, response, next) {
  wrap(request, response, () => {
    signIn(request.headers)
    request.url = rewrite(request.url, request.headers['x-tenant'])
    next()
  })
}
