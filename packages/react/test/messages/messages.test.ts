import { SessionBackendError } from '@session-backend/core'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { createPage } from '../support/talk.ts'

describe('messages', () => {
  it('sends hello first, and is connected after the welcome', async () => {
    const page = createPage()
    const talk = await page.open()
    expect(talk.frames()).toEqual([
      { type: 'hello', page: expect.stringMatching(/^[0-9a-f]{32}$/), since: 0, last: 0, left: 0 },
    ])
    const connected = vi.fn()
    talk.connecting.then(connected)
    await Promise.resolve()
    expect(connected).not.toHaveBeenCalled()
    await talk.welcome()
  })

  it('numbers what it sends, and knows how many messages are unsaved, and since when', async () => {
    const page = createPage()
    const talk = await page.open()
    const connection = await talk.welcome()
    expect(page.shown).toHaveBeenLastCalledWith({ count: 0, since: undefined })
    const since = page.clock.now()
    expect(connection.send('draw', { x: 1 })).toBe(true)
    await page.clock.advance(5)
    connection.send('clear')
    expect(talk.socket.sent.slice(1)).toEqual(['[1,"draw",{"x":1}]', '[2,"clear"]'])
    await page.clock.advance(250)
    expect(page.shown).toHaveBeenLastCalledWith({ count: 2, since })
    talk.say({ type: 'received', page: talk.page(), number: 2 })
    expect(page.shown).toHaveBeenLastCalledWith({ count: 2, since })
    talk.say({ type: 'saved', page: talk.page(), number: 1 })
    await page.clock.advance(250)
    expect(page.shown).toHaveBeenLastCalledWith({ count: 1, since: since + 5 })
    talk.say({ type: 'saved', page: talk.page(), number: 2 })
    expect(page.shown).toHaveBeenLastCalledWith({ count: 0, since: undefined })
  })

  it('sends again after a reconnect what the backend has not received, in order, and what came since then', async () => {
    const page = createPage()
    const first = await page.open()
    const connection = await first.welcome()
    for (let x = 1; x <= 4; x++) connection.send('draw', { x })
    first.say({ type: 'saved', page: first.page(), number: 1 })
    first.close()
    connection.send('draw', { x: 5 })
    const second = await page.open()
    expect(second.frames()).toEqual([{ type: 'hello', page: first.page(), since: 1, last: 5, left: 0 }])
    await second.welcome(3, 2)
    connection.send('draw', { x: 6 })
    expect(second.numbers()).toEqual([4, 5, 6])
    expect(first.numbers()).toEqual([1, 2, 3, 4])
  })

  it('keeps what a message was when it was sent, even if the app changes the object later', async () => {
    const page = createPage()
    const talk = await page.open()
    const connection = await talk.welcome()
    talk.close()
    const stroke = { x: 1 }
    connection.send('draw', stroke)
    stroke.x = 2
    const second = await page.open()
    await second.welcome()
    expect(second.socket.sent.at(-1)).toBe('[1,"draw",{"x":1}]')
  })

  it('sends volatile messages without a number while there is a connection, and keeps none of them', async () => {
    const page = createPage()
    const talk = await page.open()
    const connection = await talk.welcome()
    expect(connection.send('cursor', 5)).toBe(true)
    expect(talk.socket.sent.at(-1)).toBe('[0,"cursor",5]')
    talk.close()
    expect(connection.send('cursor', 6)).toBe(false)
    expect(page.shown).toHaveBeenLastCalledWith({ count: 0, since: undefined })
    const second = await page.open()
    await second.welcome()
    expect(second.numbers()).toEqual([])
  })

  it.each([
    ['10,000 messages', 10_000, ''],
    ['4 MB', 3, 'x'.repeat(1_300_000)],
  ])(
    'keeps %s at most: `send` returns false for more, and true again once some are saved',
    async (_what, fit, text) => {
      const page = createPage()
      const talk = await page.open()
      const connection = await talk.welcome()
      const stroke = { x: 1, text }
      for (let index = 0; index < fit; index++) expect(connection.send('draw', stroke)).toBe(true)
      expect(connection.send('draw', stroke)).toBe(false)
      expect(talk.numbers()).toHaveLength(fit)
      talk.say({ type: 'saved', page: talk.page(), number: 1 })
      expect(connection.send('draw', stroke)).toBe(true)
      expect(talk.numbers().at(-1)).toBe(fit + 1)
    },
  )

  it('hands the app what it kept when the session is closed, and keeps nothing more', async () => {
    const page = createPage()
    const talk = await page.open()
    const connection = await talk.welcome()
    connection.send('draw', { x: 1 })
    connection.send('draw', { x: 2 })
    talk.say({ type: 'saved', page: talk.page(), number: 1 })
    talk.close()
    page.end()
    expect(page.onUnsaved).toHaveBeenCalledExactlyOnceWith([{ name: 'draw', content: { x: 2 } }])
    expect(connection.send('draw', { x: 3 })).toBe(false)
  })

  it('sends nothing that one user has kept when another one has signed in', async () => {
    const page = createPage()
    const first = await page.open('ada')
    const connection = await first.welcome()
    first.close()
    connection.send('draw', { x: 1 })
    await expect(page.begin('ben').connecting).rejects.toMatchObject({ code: 'unauthenticated' })
    const again = await page.open('ada')
    await again.welcome()
    expect(again.numbers()).toEqual([1])
  })

  it('hands the app what it kept, under a new id, if the backend has forgotten the page', async () => {
    const page = createPage()
    const talk = await page.open()
    const connection = await talk.welcome()
    connection.send('draw', { x: 1 })
    connection.send('clear')
    talk.close()
    const second = await page.open()
    const before = second.page()
    second.say({ type: 'forgotten', page: before })
    expect(page.onUnsaved).toHaveBeenCalledExactlyOnceWith([
      { name: 'draw', content: { x: 1 } },
      { name: 'clear', content: undefined },
    ])
    expect(second.page()).not.toBe(before)
    await second.welcome(0, 0, 9)
    expect(second.numbers()).toEqual([])
    connection.send('draw', { x: 2 })
    expect(second.numbers()).toEqual([1])
  })

  it('does the same if the backend knows less than was saved', async () => {
    const page = createPage()
    const talk = await page.open()
    const connection = await talk.welcome()
    connection.send('draw', { x: 1 })
    talk.say({ type: 'saved', page: talk.page(), number: 1 })
    connection.send('draw', { x: 2 })
    talk.close()
    const second = await page.open()
    const before = second.page()
    second.say({ type: 'welcome', page: before, since: 1, received: 0, saved: 0 })
    expect(page.onUnsaved).toHaveBeenCalledExactlyOnceWith([{ name: 'draw', content: { x: 2 } }])
    expect(second.page()).not.toBe(before)
  })

  it.each([1003, 1007, 1009, 4422])(
    'hands the app what was not received when a message is refused with %i, and goes on with the rest',
    async (code) => {
      const page = createPage()
      const talk = await page.open()
      const connection = await talk.welcome()
      for (let x = 1; x <= 3; x++) connection.send('draw', { x })
      talk.say({ type: 'received', page: talk.page(), number: 1 })
      talk.socket.drop(code)
      talk.close()
      expect(talk.onLost).toHaveBeenCalledWith(expect.objectContaining({ code }))
      expect(page.onUnsaved).toHaveBeenCalledExactlyOnceWith([
        { name: 'draw', content: { x: 2 } },
        { name: 'draw', content: { x: 3 } },
      ])
      connection.send('draw', { x: 4 })
      const second = await page.open()
      expect(second.frames()).toEqual([{ type: 'hello', page: talk.page(), since: 1, last: 1, left: 1 }])
      second.say({ type: 'welcome', page: talk.page(), since: 1, received: 0, saved: 0 })
      expect(second.socket.sent.slice(1, 2)).toEqual(['[1,"draw",{"x":1}]'])
      expect(second.frames().at(-1)).toMatchObject({ type: 'hello', since: 0, last: 1, left: 0 })
      await second.welcome(0, 0, 2)
      expect(second.socket.sent.at(-1)).toBe('[1,"draw",{"x":4}]')
      second.say({ type: 'saved', page: talk.page(), number: 1 })
      second.say({ type: 'saved', page: second.page(), number: 1 })
      expect(page.shown).toHaveBeenLastCalledWith({ count: 0, since: undefined })
    },
  )

  it('passes messages to the components and subscribers that have a function for them', async () => {
    const drawn = vi.fn()
    const board = vi.fn()
    const page = createPage({ onMessage: [{ drawn }, {}] })
    const talk = await page.open()
    talk.say({ type: 'message', number: 0, name: 'board', content: [] })
    const connection = await talk.welcome()
    const leave = connection.subscribe({ board })
    talk.say({ type: 'message', number: 0, name: 'drawn', content: { x: 1 } })
    talk.say({ type: 'message', number: 0, name: 'board', content: [{ x: 1 }] })
    leave()
    talk.say({ type: 'message', number: 0, name: 'board', content: [] })
    expect(drawn.mock.calls).toEqual([[{ x: 1 }]])
    expect(board.mock.calls).toEqual([[[{ x: 1 }]]])
  })

  it('keeps what arrives before anybody listens', async () => {
    const page = createPage()
    const talk = await page.open()
    talk.say({ type: 'message', number: 0, name: 'board', content: [{ x: 1 }] })
    const connection = await talk.welcome()
    const board = vi.fn()
    connection.subscribe({ board })
    expect(board.mock.calls).toEqual([[[{ x: 1 }]]])
  })

  it.each([
    ['a name that the protocol does not have', '[0,"erased"]', 'a message `erased`'],
    ["a name of every object's own", '[0,"constructor"]', 'a message `constructor`'],
    ['a content that is not valid', '[0,"drawn",{"x":"left"}]', "`drawn`, which isn't valid: x: "],
    ['what is not a frame', 'hello', 'something that is not a frame'],
    ['bytes', new ArrayBuffer(4), 'something that is not a frame'],
  ])('reports %s, and never throws it into the app', async (_what, data, problem) => {
    const drawn = vi.fn()
    const page = createPage({ onMessage: [{ drawn }] })
    const talk = await page.open()
    await talk.welcome()
    talk.socket.receive(data)
    expect(page.onError).toHaveBeenCalledOnce()
    const [error] = page.onError.mock.calls[0] ?? []
    expect(error).toBeInstanceOf(SessionBackendError)
    expect(error).toMatchObject({ code: 'bad_message', message: expect.stringContaining(problem) })
    expect(drawn).not.toHaveBeenCalled()
  })

  it('detects a dead connection: it asks how far the messages have come, and waits 4 s', async () => {
    const page = createPage()
    const talk = await page.open()
    const connection = await talk.welcome()
    connection.send('draw', { x: 1 })
    await page.clock.advance(10_000)
    expect(talk.frames().at(-1)).toMatchObject({ type: 'hello', page: talk.page(), since: 1, last: 1 })
    connection.send('draw', { x: 2 })
    expect(talk.numbers()).toEqual([1])
    talk.say({ type: 'welcome', page: talk.page(), since: 1, received: 1, saved: 1 })
    expect(talk.numbers()).toEqual([1, 2])
    expect(page.shown).toHaveBeenLastCalledWith(expect.objectContaining({ count: 1 }))
    await page.clock.advance(14_000)
    expect(talk.onLost).toHaveBeenCalled()
  })

  it('takes its types from the protocol', async () => {
    const page = createPage()
    const talk = await page.open()
    const connection = await talk.welcome()
    expectTypeOf(connection.send<'draw'>).parameters.toEqualTypeOf<['draw', { x: number }]>()
    // @ts-expect-error: there is no such message.
    connection.subscribe({ erased() {} })
    // @ts-expect-error: a stroke has a number.
    connection.send('draw', { x: 'left' })
  })
})
