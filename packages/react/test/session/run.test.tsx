// @vitest-environment jsdom
import { cleanup } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import type { StatusSource } from '../../src/status/source.ts'
import { Document, openDocument, renderWorld, type Seen } from '../support/render.tsx'
import { connectDocument, endBackend } from '../support/steps.ts'
import { createWorld, sessionOf, timeAt } from '../support/world.ts'

afterEach(cleanup)

describe('a stream that has no more to say', () => {
  async function startWithoutStream() {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
    await page.does(() => page.streams()[0]?.saysNoMore())
    await page.passes(500)
    return page
  }

  it('makes the session read the status once: a backend that has ended is respawned', async () => {
    const page = await startWithoutStream()
    await page.does(() => page.looks()[0]?.reply({ state: 'Swept', time: timeAt(0) }))
    expect(page.session).toMatchObject({ phase: 'requesting', status: 'Swept' })
    expect(page.posts()).toHaveLength(2)
  })

  it("leaves a backend that is not Ready to the app's route", async () => {
    const page = await startWithoutStream()
    await page.does(() => page.looks()[0]?.reply({ state: 'Starting', time: timeAt(0) }))
    expect(page.posts()).toHaveLength(2)
  })

  it('does not end the session while a connection holds nothing open and the backend is alive', async () => {
    const world = createWorld()
    world.options.connect = ({ followStatus }) => {
      followStatus()
      return {}
    }
    const seen: Seen = { sessions: [] }
    const page = renderWorld(() => <Document seen={seen} />, world)
    await page.does(() => page.posts()[0]?.reply(sessionOf('a', 'Ready')))
    await page.does(() => page.streams()[0]?.saysNoMore())
    await page.passes(500)
    await page.does(() => page.looks()[0]?.reply({ state: 'Ready', time: timeAt(0) }))
    await page.passes(60_000)
    expect(seen.sessions.at(-1)?.phase).toBe('connected')
    expect([page.looks(), page.posts(), page.streams()].map((all) => all.length)).toEqual([1, 1, 1])
  })
})

it('ignores a status source that continues after its signal has aborted', async () => {
  let tell = () => {}
  const deaf: StatusSource = {
    async *follow({ session }) {
      await new Promise<void>((resolve) => {
        tell = resolve
      })
      yield { state: 'Ready', timeline: { backend: session.name, statuses: [] } }
    },
    read: async () => ({ state: 'Ready' }),
  }
  const world = createWorld()
  world.options.statusSource = deaf
  const seen: Seen = { sessions: [] }
  const page = renderWorld(() => <Document seen={seen} />, world)
  await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
  await page.does(() => seen.sessions.at(-1)?.disconnect())
  await page.does(() => tell())
  expect(seen.sessions.at(-1)).toMatchObject({ phase: 'ended', status: 'Loading' })
  expect(page.sockets).toEqual([])
})

describe('stays disconnected where disconnect() comes some microtasks after', () => {
  async function answerThenDisconnect(page: ReturnType<typeof openDocument>, answer: () => void) {
    for (let microtasks = 0; microtasks < 40; microtasks++) {
      await page.does(async () => {
        answer()
        for (let passed = 0; passed < microtasks; passed++) await null
        page.session.disconnect()
      })
      expect([page.session.phase, page.open()], `${microtasks} microtasks`).toEqual(['ended', []])
      await page.does(() => page.session.retry())
    }
  }

  it("the route's answer", async () => {
    const page = openDocument()
    await answerThenDisconnect(page, () => {
      page.posts().at(-1)?.reply(sessionOf('a', 'Ready'))
    })
  })

  it('the end of the backend', async () => {
    const page = openDocument()
    await answerThenDisconnect(page, () => {
      page.posts().at(-1)?.reply(sessionOf('a', 'Lost'))
    })
  })
})

it('starts the back-off over after a healthy connection', async () => {
  const page = openDocument()
  for (const wait of [500, 1000, 2000, 4000]) {
    await page.does(() => page.posts().at(-1)?.fail())
    await page.passes(wait)
  }
  await connectDocument(page, 'a')
  await page.passes(10_000)
  await endBackend(page, 'Swept')
  await page.passes(2000)
  expect(page.posts()).toHaveLength(6)
  await page.does(() => page.posts().at(-1)?.fail())
  // The first wait of the back-off, and what pages that may be many are spread over.
  await page.passes(500 + 2000)
  expect(page.posts()).toHaveLength(7)
})
