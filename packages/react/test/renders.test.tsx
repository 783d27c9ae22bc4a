// @vitest-environment jsdom
import { cleanup } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { openDocument } from './support/render.tsx'
import { sessionOf } from './support/world.ts'

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
