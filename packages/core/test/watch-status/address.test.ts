import { describe, expect, it, vi } from 'vitest'
import { type Answer, ended, event, json, status, stream } from '../support/stream-server.ts'
import { nothingIsLeft, STATES, serve, WHOLE, watch } from '../support/watch.ts'

describe('the address', () => {
  it('may be a status_url, which answers with one status as JSON: the stream is below it', async () => {
    const server = await serve(json('Ready'), ended(event('Loading', '1')), stream(WHOLE))
    const { done, clock } = watch(server.url.replace('/stream', ''))
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/backend/8nyg2/status',
      '/backend/8nyg2/status/stream',
      '/backend/8nyg2/status/stream',
    ])
  })

  it.each([
    ['/status?token=a/b', '/status/stream?token=a/b'],
    ['/status/', '/status/stream'],
    ['/status#part', '/status/stream'],
  ])('%s has its stream at %s', async (path, expected) => {
    const server = await serve(json('Ready'), stream(WHOLE))
    await watch(new URL(path, server.url).href).done
    expect(server.requests[1]?.url).toBe(expected)
  })

  it('is closed, even if it would send more', async () => {
    const endless: Answer = (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).write('{')
    const server = await serve(endless, stream(event('Loading')))
    const { controller, states } = watch(server.url)
    await vi.waitFor(() => expect(states).toEqual(['Loading']))
    await vi.waitFor(() => expect(server.open.size).toBe(1))
    controller.abort()
  })

  it('is looked up once: a server that answers JSON everywhere is not a status stream', async () => {
    const server = await serve(json('Ready'))
    await expect(watch(server.url).done).rejects.toMatchObject({ code: 'bad_stream' })
    expect(server.requests).toHaveLength(2)
  })

  it("may be the app's route, under any path", async () => {
    const server = await serve(ended(event('Loading', '1')), stream(WHOLE))
    const { done, clock } = watch(new URL('/api/sessions/a%20b/status', server.url).href)
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
    expect(server.requests.map(({ url }) => url)).toEqual(Array(2).fill('/api/sessions/a%20b/status'))
  })

  it.each(['', '/api/status', 'http://'])(
    'is refused when it is %j: a relative one needs a page',
    async (url) => {
      await expect(watch(url).done).rejects.toMatchObject({ code: 'invalid_option' })
    },
  )
})

describe('a server that has no more to say (204)', () => {
  it('is asked for the status once, and the watch ends', async () => {
    const server = await serve(status(204), json('Swept'))
    const { clock, done, signal } = watch(server.url)
    expect(await done).toEqual(['Swept'])
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/backend/8nyg2/status/stream',
      '/backend/8nyg2/status',
    ])
    await nothingIsLeft(server, clock, signal)
  })

  it('ends the watch even if the backend is alive or its status is unknown', async () => {
    expect(await watch((await serve(status(204), json('Ready'))).url).done).toEqual(['Ready'])
    expect(await watch((await serve(status(204), status(200, {}, 'x'))).url).done).toEqual([])
  })

  it('is asked again while it fails to answer', async () => {
    const server = await serve(status(204), status(503), status(204), json('Failed'))
    const { clock, done } = watch(server.url)
    await clock.passOneWait()
    expect(await done).toEqual(['Failed'])
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/backend/8nyg2/status/stream',
      '/backend/8nyg2/status',
      '/backend/8nyg2/status/stream',
      '/backend/8nyg2/status',
    ])
  })

  it('is not asked for a status if the stream has none next to it', async () => {
    const server = await serve(status(204))
    expect(await watch(new URL('/api/sessions/a/status', server.url).href).done).toEqual([])
    expect(server.requests).toHaveLength(1)
  })
})
