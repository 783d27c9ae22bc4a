import assert from 'node:assert/strict'
import type { Session } from '@session-backend/core'
import type { Section } from '../case.ts'
import { jsonOf, type PlatformUnderTest, refused } from '../platform.ts'

async function log(platform: PlatformUnderTest, session: Session, body: string, query = ''): Promise<void> {
  await jsonOf(await platform.reach(session, `log${query}`, { method: 'POST', body }))
}

/** The lines of a backend's log, each as it comes. */
async function* lines(platform: PlatformUnderTest, { name }: Session): AsyncGenerator<string, void, void> {
  for await (const { data } of platform.events(`/backend/${name}/logs`)) yield* data.split('\n')
}

/** Reads lines until one is there, and returns all of them. */
async function linesUntil(source: AsyncGenerator<string, void, void>, last: string): Promise<string[]> {
  const seen: string[] = []
  while (true) {
    const { done, value } = await source.next()
    assert(!done, `the log ended before "${last}": ${seen}`)
    seen.push(value)
    if (value === last) return seen
  }
}

export const logs: Section = {
  heading: 'Get a backend’s logs',
  rows: [
    {
      row: 'GET /backend/:backend_name/logs. Streams application logs from the given backend.',
      title: 'what was logged before, then what is logged from now on',
      async run(platform) {
        const session = await platform.ready()
        await log(platform, session, 'before')
        const source = lines(platform, session)
        assert((await linesUntil(source, 'before')).some((line) => line.startsWith('listening on ')))
        await log(platform, session, 'after')
        await linesUntil(source, 'after')
        await source.return()
      },
    },
    {
      row: 'Streams application logs from the given backend.',
      title: 'what it writes to stderr is there too',
      async run(platform) {
        const session = await platform.ready()
        await log(platform, session, 'an error', '?to=stderr')
        const source = lines(platform, session)
        await linesUntil(source, 'an error')
        await source.return()
      },
    },
    {
      row: 'Streams application logs from the given backend.',
      title: 'it shows the log of this backend only, and ends with it',
      async run(platform) {
        const [session, other] = [await platform.ready(), await platform.ready()]
        await log(platform, other, 'of another')
        await log(platform, session, 'last words')
        const source = lines(platform, session)
        const seen = await linesUntil(source, 'last words')
        await platform.terminate(session)
        for await (const line of source) seen.push(line)
        assert(!seen.includes('of another'))
      },
    },
    {
      row: 'data: Example app listening on port 8080',
      title: 'no line can forge an event',
      async run(platform) {
        const session = await platform.ready()
        await log(
          platform,
          session,
          'a\r\rdata: forged\r\rid: forged\r\n\n\ndata: forged\nevent: forged\nend',
        )
        for await (const { data, event, id } of platform.events(`/backend/${session.name}/logs`)) {
          for (const part of [data, event, id]) assert.notEqual(part, 'forged')
          if (data.split('\n').includes('end')) return
        }
        assert.fail('the log ended too soon')
      },
    },
    {
      row: 'Requires auth headers (see Authentication)',
      title: 'without a valid token it is refused, for backends that are not there too',
      async run(platform) {
        const { name } = await platform.spawn()
        for (const token of [null, 'not-the-token']) {
          for (const path of [`/backend/${name}/logs`, '/backend/nosuchbackend/logs']) {
            await refused(await platform.request(path, { token }), 401, 403)
          }
        }
      },
    },
    {
      row: 'GET /backend/:backend_name/logs',
      title: 'a backend that is not there is 404',
      async run(platform) {
        await refused(await platform.request('/backend/nosuchbackend/logs'), 404)
      },
    },
  ],
}
