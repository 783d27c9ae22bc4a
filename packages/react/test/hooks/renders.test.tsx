// @vitest-environment jsdom
import { cleanup } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { relayStatus } from '../../src/status/relay-status.ts'
import { Document, openDocument, renderWorld, type Seen } from '../support/render.tsx'
import { createWorld, sessionOf, timeAt } from '../support/world.ts'

afterEach(cleanup)

it('renders exactly once for each change', async () => {
  const page = openDocument()
  const rendersOf = async (work: () => void) => {
    const before = page.seen.length
    await page.does(work)
    return page.seen.length - before
  }
  const post = () => page.posts()[0]
  const stream = () => page.streams()[0]
  expect(page.seen).toHaveLength(1)
  expect(await rendersOf(() => post()?.reply(sessionOf('a')))).toBe(1)
  expect(await rendersOf(() => stream()?.tell('Loading'))).toBe(0)
  expect(await rendersOf(() => stream()?.tell('Starting'))).toBe(1)
  expect(await rendersOf(() => stream()?.tell('Loading', 'Starting'))).toBe(0)
  expect(await rendersOf(() => stream()?.tell('Ready'))).toBe(1)
  expect(await rendersOf(() => page.sockets[0]?.open())).toBe(1)
  expect(await rendersOf(() => page.sockets[0]?.receive('a message'))).toBe(0)
  expect(await rendersOf(() => stream()?.fail())).toBe(0)
  expect(await rendersOf(() => page.sockets[0]?.drop())).toBe(1)
  expect(await rendersOf(() => page.session.disconnect())).toBe(1)
  expect(page.seen.map(({ phase, status }) => `${phase} ${status}`)).toEqual([
    'requesting undefined',
    'waiting Loading',
    'waiting Starting',
    'connecting Ready',
    'connected Ready',
    'reconnecting Ready',
    'ended Ready',
  ])
})

it("renders exactly once for a status and the relay's timeline, which comes before it", async () => {
  const world = createWorld()
  world.options.statusSource = relayStatus
  const { sessions }: Seen = { sessions: [] }
  const page = renderWorld(() => <Document seen={{ sessions }} />, world)
  await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
  const before = sessions.length
  const statuses = [{ state: 'ErrorStarting', time: timeAt(70), elapsed: 70 }]
  await page.does(() => {
    const data = JSON.stringify({ backend: 'a', statuses, log: ['no database'] })
    page.streams()[0]?.send({ event: 'timeline', data })
  })
  expect(sessions).toHaveLength(before)
  await page.does(() => page.streams()[0]?.tell('ErrorStarting'))
  expect(sessions).toHaveLength(before + 1)
  expect(sessions.at(-1)).toMatchObject({
    phase: 'requesting',
    status: 'ErrorStarting',
    timeline: { backend: 'a', statuses, log: ['no database'] },
  })
})

it('keeps the identity of its functions in every phase', async () => {
  const page = openDocument({ strict: true })
  await page.does(() => page.posts()[0]?.reply(sessionOf('a', 'Ready')))
  await page.does(() => page.sockets[0]?.open())
  await page.does(() => page.session.disconnect())
  await page.does(() => page.session.retry())
  for (const name of ['retry', 'disconnect', 'reconnect'] as const) {
    const distinct = new Set(page.seen.slice(1).map((session) => session[name]))
    expect(distinct.size).toBe(1)
  }
})
