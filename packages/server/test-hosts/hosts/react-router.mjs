// A resource route of React Router 7, behind its adapter for Express.

import { createServer } from 'node:http'
import { createRequestHandler } from '@react-router/express'
import express from 'express'
import { listening, prepare, sessionBackends } from './app.mjs'
import { wrap } from './wrap.mjs'

const handle = ({ request }) => sessionBackends.handle(prepare(request))
const route = { id: 'routes/sessions', path: '*', module: { loader: handle, action: handle } }
const build = {
  entry: { module: { default: () => new Response(null, { status: 404 }) } },
  routes: {
    root: { id: 'root', path: '', module: { default: () => null } },
    [route.id]: { ...route, parentId: 'root' },
  },
  assets: { entry: { module: '', imports: [] }, routes: {}, url: '', version: '1' },
  publicPath: '/',
  assetsBuildDirectory: '',
  future: {},
  ssr: true,
  isSpaMode: false,
  prerender: [],
  routeDiscovery: { mode: 'initial', manifestPath: '/__manifest' },
}
const app = express()
// The headers and the path as React Router sees them are changed by `prepare`.
app.use(wrap)
app.use(createRequestHandler({ build, mode: 'production' }))
listening(createServer(app))
