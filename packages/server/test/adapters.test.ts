import { createServer, type RequestListener, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createMockPlatform } from '@session-backend/mock-platform'
import express from 'express'
import express4 from 'express4'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { expressMiddleware } from '../src/express.ts'
import type { SessionBackends } from '../src/index.ts'
import { nodeHandler } from '../src/node.ts'
import { createScenarioApp } from './support/app.ts'
import { startGate } from './support/gate.ts'
import { close, listening } from './support/listen.ts'
import { type App, scenarios } from './support/scenarios.ts'

interface Adapter {
  name: string
  mount?: string
  parsesBodies?: boolean
  basePath?: string
  listener(sessionBackends: SessionBackends): RequestListener
}

const adapters: Adapter[] = [
  {
    name: 'Express 5',
    listener: (backends) => express().use('/api/sessions', expressMiddleware(backends)),
  },
  {
    name: 'Express 5, mounted elsewhere, after a body parser',
    mount: '/deep/below',
    parsesBodies: true,
    listener: (backends) => express().use(express.json()).use('/deep/below', expressMiddleware(backends)),
  },
  {
    name: 'Express 5, before a body parser and without a mount',
    listener: (backends) =>
      express().all('/api/sessions/*path', expressMiddleware(backends)).use(express.json()),
  },
  {
    name: 'Express 4',
    listener: (backends) => express4().use('/api/sessions', expressMiddleware(backends)),
  },
  {
    name: 'Express 4, after a body parser',
    parsesBodies: true,
    listener: (backends) => express4().use(express4.json()).use('/api/sessions', expressMiddleware(backends)),
  },
  { name: 'node:http', listener: nodeHandler },
  {
    name: 'Hono',
    listener: (backends) =>
      getRequestListener(new Hono().all('/api/sessions/*', ({ req }) => backends.handle(req.raw)).fetch),
  },
  {
    name: 'Hono, which cuts its mount off',
    mount: '/deep/below',
    basePath: '/',
    listener: (backends) => getRequestListener(new Hono().mount('/deep/below', backends.handle).fetch),
  },
]

describe.each(adapters)('$name', ({ mount = '/api/sessions', parsesBodies = false, basePath, listener }) => {
  let app: App
  let server: Server
  let backends: SessionBackends

  beforeAll(async () => {
    const platform = await createMockPlatform({
      services: { editor: { serve: (_, { log }) => log('hello from the backend') } },
    })
    const gate = await startGate(platform.url)
    backends = createScenarioApp({ ...platform, url: gate.url }, basePath)
    server = createServer(listener(backends))
    app = { url: `${await listening(server)}${mount}`, platform, gate, parsesBodies }
  })

  afterAll(async () => {
    await backends.close()
    await close(server)
    await app.gate.close()
    await app.platform.close()
  })

  it.each(scenarios)('$name', ({ run }) => run(app))
})
