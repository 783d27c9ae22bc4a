import { afterEach, expect, it } from 'vitest'
import { event, type StreamServer, startStreamServer } from '../support/stream-server.ts'
import { watch } from '../support/watch.ts'

let server: StreamServer
afterEach(() => server.close())

// The three Web Platform Tests of the media type: format-mime-trailing-semicolon, -valid-bogus and -bogus.
it.each(['text/event-stream;', 'text/event-stream; charset=bogus', 'Text/Event-Stream ;x=y'])(
  'follows a stream of the type %j',
  async (type) => {
    server = await startStreamServer((response) => {
      response.writeHead(200, { 'content-type': type }).end(event('Exited'))
    })
    expect(await watch(server.url).done).toEqual(['Exited'])
  },
)

it('refuses a stream whose media type only begins with that of event streams', async () => {
  server = await startStreamServer((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream bogus' }).end(event('Exited'))
  })
  await expect(watch(server.url).done).rejects.toMatchObject({ code: 'bad_stream' })
})
