import { setTimeout as wait } from 'node:timers/promises'
import { expect, vi } from 'vitest'
import type { Gate } from './gate.ts'

/** One app in one host, with a middleware of the app's before the routes. */
export interface Host {
  /** Where the routes are mounted. */
  url: string
  /** Where `/live/:documentId` is, which the app rewrites to a document's status stream. */
  liveUrl: string
  /** Before the platform. */
  gate: Gate
  /** Collects the host's garbage. */
  collect(): void
}

/** What an app's host does to a request or an answer, and what the route must do nevertheless. */
export interface HostScenario {
  name: string
  run(host: Host): Promise<void>
}

let documents = 0
const newDocument = () => `doc-${++documents}`
/** The app's middleware makes `x-signed-in` of it. */
const SESSION = { 'x-session': 'alice' }
const READERS = 12

async function open(host: Host, document: string, headers: Record<string, string> = {}, body?: string) {
  const init = { method: 'POST', headers: { ...SESSION, ...headers }, ...(body !== undefined && { body }) }
  const response = await fetch(`${host.url}/${document}`, init)
  const answer: unknown = await response.json()
  expect([response.status, answer]).toMatchObject([200, { name: expect.any(String) }])
  return answer as { name: string }
}

/** The first bytes of a stream, within a second. */
async function firstEvent(url: string, headers: Record<string, string> = {}) {
  const client = new AbortController()
  const response = await fetch(url, { headers: { ...SESSION, ...headers }, signal: client.signal })
  const reader = response.body?.getReader() ?? expect.fail('There is no body.')
  const first = await Promise.race([reader.read(), wait(1_000, undefined, { ref: false })])
  client.abort()
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  return new TextDecoder().decode(first?.value)
}

export const hostScenarios: HostScenario[] = [
  {
    name: 'authorizes by a header that middleware set',
    run: async (host) => void (await open(host, newDocument())),
  },
  {
    name: 'authorizes by nothing that middleware removed',
    async run(host) {
      const init = { method: 'POST', headers: { 'x-signed-in': 'admin' } }
      const response = await fetch(`${host.url}/${newDocument()}`, init)
      expect([response.status, await response.json()]).toMatchObject([
        401,
        { error: { code: 'unauthenticated' } },
      ])
    },
  },
  {
    name: 'opens the document that middleware rewrote the id to',
    async run(host) {
      const document = newDocument()
      const acme = await open(host, document, { 'x-tenant': 'acme' })
      const rival = await open(host, document, { 'x-tenant': 'rival' })
      expect(acme.name).not.toBe(rival.name)
      expect((await open(host, `acme--${document}`)).name).toBe(acme.name)
    },
  },
  {
    name: 'follows the path that middleware rewrote',
    async run(host) {
      const document = newDocument()
      const { name } = await open(host, document)
      expect(await firstEvent(`${host.liveUrl}/${document}`)).toContain(name)
    },
  },
  {
    name: "sends a stream's first byte within a second though the host compresses",
    async run(host) {
      const document = newDocument()
      await open(host, document)
      expect(await firstEvent(`${host.url}/${document}/status`, { 'accept-encoding': 'gzip, br' })).toContain(
        'event: timeline',
      )
    },
  },
  {
    name: `ends ${READERS} of ${READERS} streams from the platform when their readers leave, also after a collection of garbage`,
    async run(host) {
      const { gate } = host
      await vi.waitFor(() => expect(gate.open('/status/stream')).toBe(0), { timeout: 20_000 })
      const client = new AbortController()
      const gone: Promise<unknown>[] = []
      for (let reader = 0; reader < READERS; reader++) {
        const document = newDocument()
        await open(host, document)
        const response = await fetch(`${host.url}/${document}/status`, {
          headers: SESSION,
          signal: client.signal,
        })
        gone.push(response.text().catch(() => {}))
      }
      await vi.waitFor(() => expect(gate.open('/status/stream')).toBe(READERS), { timeout: 5_000 })
      host.collect()
      await wait(200)
      client.abort()
      await Promise.all(gone)
      host.collect()
      await vi.waitFor(() => expect(gate.open('/status/stream')).toBe(0), { timeout: 20_000, interval: 100 })
    },
  },
  {
    name: 'gets through middleware that wraps `writeHead` as log4js does',
    async run(host) {
      const document = newDocument()
      await open(host, document)
      expect(await firstEvent(`${host.url}/${document}/status`)).toContain('event: timeline')
    },
  },
  {
    name: 'takes a body that the host has parsed before',
    run: async (host) =>
      void (await open(
        host,
        newDocument(),
        { 'content-type': 'application/json', 'x-parse': '1' },
        '{"a":1}',
      )),
  },
  {
    name: 'answers HEAD with 405, without a body and without a call to the platform',
    async run(host) {
      const before = host.gate.begun('')
      const response = await fetch(`${host.url}/${newDocument()}`, { method: 'HEAD', headers: SESSION })
      expect([response.status, response.headers.get('allow'), await response.text()]).toEqual([
        405,
        'GET, POST, DELETE',
        '',
      ])
      expect(host.gate.begun('')).toBe(before)
    },
  },
  {
    name: 'answers OPTIONS with the methods that it takes, without authorizing',
    async run(host) {
      const response = await fetch(`${host.url}/${newDocument()}`, { method: 'OPTIONS' })
      expect([response.status, response.headers.get('allow')]).toEqual([204, 'GET, POST, DELETE'])
    },
  },
]
