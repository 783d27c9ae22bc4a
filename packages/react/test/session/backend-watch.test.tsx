// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest'
import { Document, openDocument, renderWorld, type Seen, settle } from '../support/render.tsx'
import { createWorld, sessionOf, timeAt } from '../support/world.ts'

/** How the browser answers when a session loads the code that follows a status: the app was deployed again, for example. */
const browser = vi.hoisted(() => {
  const fail = (): unknown => {
    throw new TypeError('Failed to fetch dynamically imported module')
  }
  return { fail, load: fail }
})

vi.mock('../../src/status/following.ts', async (importOriginal) => {
  await browser.load()
  return importOriginal()
})

beforeEach(() => {
  browser.load = browser.fail
})

/** A document that waits for its backend, and could not load what follows the status. */
async function openWithoutFollowing() {
  const page = openDocument()
  await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
  await vi.waitFor(async () => {
    await settle()
    expect(page.session.error).toBeDefined()
  })
  return page
}

it('reads the status, and says why, if the code that follows it cannot be loaded', async () => {
  const page = await openWithoutFollowing()
  expect(page.session).toMatchObject({ phase: 'waiting', error: { code: 'bad_stream' } })
  await page.passes(500)
  await page.does(() => page.looks()[0]?.reply({ state: 'Starting', time: timeAt(0) }))
  await vi.waitFor(async () => {
    await page.passes(1000)
    expect(page.looks()).toHaveLength(2)
  })
  await page.does(() => page.looks()[1]?.reply({ state: 'Ready', time: timeAt(0) }))
  await page.does(() => page.sockets[0]?.open())
  expect(page.session).toMatchObject({ phase: 'connected', error: undefined })
  expect([page.posts(), page.looks(), page.streams()].map((all) => all.length)).toEqual([1, 2, 0])
})

it('reads the status every 2 s while the code that follows it cannot be loaded, and shows it', async () => {
  const page = await openWithoutFollowing()
  for (let looks = 1; looks <= 8; looks++) {
    await page.passes(2000)
    expect(page.looks()).toHaveLength(looks)
    await page.does(() => page.looks()[looks - 1]?.reply({ state: 'Starting', time: timeAt(0) }))
    // Only the failed import takes real time.
    await vi.waitFor(async () => {
      await settle()
      expect(page.clock.waits).toContain(2000)
    })
  }
  expect(page.session).toMatchObject({ phase: 'waiting', status: 'Starting' })
})

it('reads the status within 10 s if the code that follows it never arrives', async () => {
  browser.load = () => new Promise(() => {})
  const page = openDocument()
  await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
  await page.passes(6000)
  expect(page.session).toMatchObject({ phase: 'waiting', error: { code: 'bad_stream' } })
  await page.passes(500)
  expect(page.looks()).toHaveLength(1)
})

it('learns the end of a backend whose connection holds nothing open without the code that follows a status', async () => {
  const world = createWorld()
  world.options.connect = (context) => context.followStatus()
  const seen: Seen = { sessions: [] }
  const page = renderWorld(() => <Document seen={seen} />, world)
  await page.does(() => page.posts()[0]?.reply(sessionOf('a', 'Ready')))
  for (const [index, state] of ['Ready', 'Exited'].entries()) {
    await vi.waitFor(async () => {
      await page.passes(1000)
      expect(page.looks()).toHaveLength(index + 1)
    })
    expect(seen.sessions.at(-1)?.phase).toBe('connected')
    await page.does(() => page.looks()[index]?.reply({ state, time: timeAt(0) }))
  }
  expect(seen.sessions.at(-1)).toMatchObject({ phase: 'ended', status: 'Exited' })
})
