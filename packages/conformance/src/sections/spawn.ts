import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Row, Section } from '../case.ts'
import { jsonOf, refused } from '../platform.ts'

const answer: Row[] = [
  {
    row: 'Returns the following values: name, url, ready_url, status_url, status, spawned',
    title: 'the answer has these fields, of these types',
    async run(platform) {
      const response = await platform.request(platform.servicePath('spawn'), { json: {} })
      await platform.adopt(response.clone())
      const body = await jsonOf(response)
      for (const field of ['name', 'url', 'ready_url', 'status_url', 'status']) {
        assert.equal(typeof body[field], 'string', field)
      }
      assert.equal(body.spawned, true)
    },
  },
  {
    row: 'name - the backend’s name or ID',
    title: 'each backend has its own name',
    async run(platform) {
      const names = [await platform.spawn(), await platform.spawn()].map(({ name }) => name)
      for (const name of names) assert.match(name, /^[a-zA-Z0-9]+$/)
      assert.equal(new Set(names).size, 2)
    },
  },
  {
    row: 'url - the connection url used to route requests to the spawned backend',
    title: 'a request to the URL reaches this backend',
    async run(platform) {
      const session = await platform.spawn()
      assert(session.url.endsWith('/'))
      assert.equal((await platform.env(session)).SESSION_BACKEND_ID, session.name)
    },
  },
  {
    row: 'ready_url - a browser-friendly URL that displays a loading page',
    title: 'the URL is a page of this backend',
    async run(platform) {
      const session = await platform.spawn()
      assert(session.readyUrl.includes(session.name))
      const page = await fetch(session.readyUrl, { signal: platform.signal })
      assert.equal(page.status, 200)
      assert.match(page.headers.get('content-type') ?? '', /^text\/html\b/)
      await page.text()
    },
  },
  {
    row: 'status_url - a Jamsocket API endpoint that returns the backend’s most recent status',
    title: 'the URL answers with the status, and has its stream below it',
    async run(platform) {
      const session = await platform.ready()
      const current = await fetch(session.statusUrl, { signal: platform.signal })
      assert.equal((await jsonOf(current)).state, 'Ready')
      const stream = await fetch(`${session.statusUrl}/stream`, {
        headers: { accept: 'text/event-stream' },
        signal: platform.signal,
      })
      assert.match(stream.headers.get('content-type') ?? '', /^text\/event-stream\b/)
    },
  },
  {
    row: 'status - the current status of the backend, is usually Loading',
    title: 'a new backend is Loading',
    async run(platform) {
      assert.equal((await platform.spawn()).status, 'Loading')
    },
  },
]

const fields: Row[] = [
  {
    row: 'tag?: string',
    title: 'a tag chooses what runs',
    needs: 'tag',
    async run(platform) {
      const tag = platform.need(platform.options.tag)
      assert.equal((await platform.env(await platform.spawn({ tag }))).CONFORMANCE_TAG, tag)
      assert.notEqual((await platform.env(await platform.spawn())).CONFORMANCE_TAG, tag)
    },
  },
  {
    row: 'grace_period_seconds?: number',
    title: '0 is a value: a backend to which nobody connects is swept at once',
    async run(platform) {
      const session = await platform.spawn({ grace_period_seconds: 0 })
      const history = await platform.until(session, 'Swept')
      const [ready, swept] = history.slice(-2).map(({ time }) => Date.parse(time))
      assert((swept ?? 0) - (ready ?? 0) < 5000, 'swept within 5 s of Ready')
    },
  },
  {
    row: 'grace_period_seconds counts from the moment the last connection closes',
    title: 'an open WebSocket keeps the backend, and its end starts the grace period',
    needs: 'WebSocket',
    async run(platform) {
      const session = await platform.spawn({ grace_period_seconds: 1 })
      const first = await platform.connect(session)
      const second = await platform.connect(session)
      first.close()
      await pause(2500, undefined, { signal: platform.signal })
      const { state } = await jsonOf(await platform.request(`/backend/${session.name}/status`))
      assert.equal(state, 'Ready', 'while a connection is open')
      second.close()
      const closedAt = Date.now()
      await platform.until(session, 'Swept')
      assert(Date.now() - closedAt >= 900, 'not before the grace period')
    },
  },
  {
    row: 'lock?: string (1 to 128 characters)',
    title: 'while a backend holds the lock, spawn returns that backend, and spawned is false',
    async run(platform) {
      const lock = platform.newLock()
      const first = await platform.ready({ lock })
      const again = await platform.spawn({ lock })
      assert.equal(first.spawned, true)
      assert.equal(again.spawned, false)
      assert.equal(again.name, first.name)
      assert.equal(again.status, 'Ready')
      assert.equal((await platform.env(again)).SESSION_BACKEND_ID, first.name)
    },
  },
  {
    row: 'lock?: string (1 to 128 characters)',
    title: '1 and 128 characters are a lock; none, 129 and a number are not',
    async run(platform) {
      const unique = platform.newLock()
      for (const lock of [
        String.fromCodePoint(0x4e00 + Math.floor(Math.random() * 20_000)),
        unique.padEnd(128, 'x'),
      ]) {
        assert.equal((await platform.spawn({ lock })).spawned, true)
        assert.equal((await platform.spawn({ lock })).spawned, false)
      }
      for (const lock of ['', unique.padEnd(129, 'x'), 7]) {
        await refused(await platform.request(platform.servicePath('spawn'), { json: { lock } }), 400, 422)
      }
    },
  },
  {
    row: 'Locks are not namespaced by service',
    title: 'two services of one account that use the same lock share it',
    needs: 'otherService',
    async run(platform) {
      const other = platform.need(platform.options.otherService)
      const lock = platform.newLock()
      const first = await platform.spawn({ lock })
      const shared = await platform.spawn({ lock }, other)
      assert.deepEqual([shared.name, shared.spawned], [first.name, false])
      assert.equal((await jsonOf(await platform.fetchLock(lock, other))).name, first.name)
    },
  },
  {
    row: 'spawned - is true if the spawn request resulted in a newly-spawned backend',
    title: 'of 20 spawns of one lock at once, one has spawned it, and all have the same backend',
    async run(platform) {
      const lock = platform.newLock()
      const sessions = await Promise.all(Array.from({ length: 20 }, () => platform.spawn({ lock })))
      assert.equal(sessions.filter(({ spawned }) => spawned).length, 1)
      assert.equal(new Set(sessions.map(({ name }) => name)).size, 1)
    },
  },
  {
    row: 'lock?: string',
    title: 'without a lock every spawn starts a backend, and other locks are other backends',
    async run(platform) {
      const sessions = [
        await platform.spawn(),
        await platform.spawn(),
        await platform.spawn({ lock: platform.newLock() }),
        await platform.spawn({ lock: platform.newLock() }),
      ]
      assert(sessions.every(({ spawned }) => spawned))
      assert.equal(new Set(sessions.map(({ name }) => name)).size, 4)
    },
  },
  {
    row: 'env?: { [env_var: string]: string }',
    title: 'the backend gets these variables, character for character',
    async run(platform) {
      const env = { CONFORMANCE_TEXT: 'a "b" $HOME `c`\n🦊', CONFORMANCE_EMPTY: '' }
      const { CONFORMANCE_TEXT, CONFORMANCE_EMPTY } = await platform.env(await platform.spawn({ env }))
      assert.deepEqual({ CONFORMANCE_TEXT, CONFORMANCE_EMPTY }, env)
    },
  },
]

const refusals: Row[] = [
  {
    row: 'Request body: { tag?, grace_period_seconds?, lock?, env? }',
    title: 'a field of another type, and a body that is no JSON object, are refused',
    async run(platform) {
      const path = platform.servicePath('spawn')
      const wrong = [
        { tag: 1 },
        { grace_period_seconds: '0' },
        { grace_period_seconds: -1 },
        { env: { A: 1 } },
        { env: [] },
        [],
      ]
      for (const json of wrong) await refused(await platform.request(path, { json }), 400, 422)
      const headers = { 'content-type': 'application/json' }
      await refused(await platform.request(path, { method: 'POST', headers, body: '{"lock":' }), 400, 422)
    },
  },
  {
    row: 'POST /user/:username/service/:service/spawn',
    title: 'an unknown service and an unknown account are refused',
    async run(platform) {
      await refused(
        await platform.request(platform.servicePath('spawn', 'no-such-service'), { json: {} }),
        404,
      )
      const path = `/user/no-such-account/service/${platform.options.service}/spawn`
      await refused(await platform.request(path, { json: {} }), 403, 404)
    },
  },
  {
    row: 'Requires auth headers (see Authentication)',
    title: 'without a valid token it is refused, and nothing is spawned',
    async run(platform) {
      const lock = platform.newLock()
      for (const token of [null, 'not-the-token']) {
        await refused(
          await platform.request(platform.servicePath('spawn'), { json: { lock }, token }),
          401,
          403,
        )
      }
      await refused(await platform.fetchLock(lock), 404)
    },
  },
]

export const spawn: Section = { heading: 'Spawn a backend', rows: [...answer, ...fields, ...refusals] }
