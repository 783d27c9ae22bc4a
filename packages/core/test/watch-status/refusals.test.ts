import { describe, expect, it } from 'vitest'
import { ended, event, status, stream } from '../support/stream-server.ts'
import { nothingIsLeft, STATES, serve, WHOLE, watch } from '../support/watch.ts'

describe('a server that refuses', () => {
  it.each([
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [410, 'gone'],
    [400, 'bad_stream'],
  ])('with %i ends the watch with %s, at once', async (code, expected) => {
    const server = await serve(status(code, {}, 'a secret of the server'))
    const { clock, done, signal } = watch(server.url)
    await expect(done).rejects.toMatchObject({
      name: 'SessionBackendError',
      code: expected,
      status: code,
      message: expect.not.stringContaining('secret'),
    })
    expect(server.requests).toHaveLength(1)
    await nothingIsLeft(server, clock, signal)
  })

  it('ends it on a later connection too', async () => {
    const server = await serve(ended(event('Ready')), status(404))
    const { clock, done, states } = watch(server.url)
    await clock.passOneWait()
    await expect(done).rejects.toMatchObject({ code: 'not_found' })
    expect(states).toEqual(['Ready'])
  })

  it.each(['text/html', 'text/event-stream-ish', ''])(
    'ends it with another content type: %j',
    async (type) => {
      const server = await serve((response) => {
        response.writeHead(200, type === '' ? {} : { 'content-type': type }).write(WHOLE)
      })
      const { clock, done, signal } = watch(server.url)
      await expect(done).rejects.toMatchObject({ code: 'bad_stream' })
      await nothingIsLeft(server, clock, signal)
    },
  )

  it.each([200, 503])('ends it with a redirect to another origin that answers %i', async (code) => {
    const elsewhere = await serve(code === 200 ? stream(WHOLE) : status(code))
    const server = await serve(status(302, { location: elsewhere.url }))
    const { clock, done, states } = watch(server.url)
    await expect(done).rejects.toMatchObject({ code: 'bad_stream' })
    expect(states).toEqual([])
    await nothingIsLeft(elsewhere, clock)
  })

  it('may redirect within its origin', async () => {
    const server = await serve(status(307, { location: '/elsewhere' }), stream(WHOLE))
    expect(await watch(server.url).done).toEqual(STATES)
  })
})
