import assert from 'node:assert/strict'
import type { Section } from '../case.ts'
import { jsonOf, refused } from '../platform.ts'

export const fetchByLock: Section = {
  heading: 'Fetch a backend holding a given lock',
  rows: [
    {
      row: 'This endpoint returns the backend holding a given lock. Its response is exactly the same as that of spawn.',
      title: 'the holder’s answer is that of a spawn with the lock, field by field',
      async run(platform) {
        const lock = platform.newLock()
        const first = await platform.ready({ lock })
        const fetched = await jsonOf(await platform.fetchLock(lock))
        const spawned = await jsonOf(
          await platform.request(platform.servicePath('spawn'), { json: { lock } }),
        )
        const fields = ['name', 'ready_url', 'spawned', 'status', 'status_url', 'url']
        assert.deepEqual(Object.keys(fetched).sort(), Object.keys(spawned).sort())
        for (const field of fields) assert(field in fetched, field)
        assert.deepEqual([fetched.name, fetched.spawned, fetched.status], [first.name, false, 'Ready'])
        assert.equal(
          (await platform.env({ ...first, url: String(fetched.url) })).SESSION_BACKEND_ID,
          first.name,
        )
      },
    },
    {
      row: 'If no backend is holding the lock, it returns a 404.',
      title: 'a lock that was never held is held by nobody, and fetching it spawns nothing',
      async run(platform) {
        const lock = platform.newLock()
        await refused(await platform.fetchLock(lock), 404)
        await refused(await platform.fetchLock(lock), 404)
      },
    },
    {
      row: 'If no backend is holding the lock, it returns a 404.',
      title: 'a lock is held no more once its backend has ended',
      async run(platform) {
        const lock = platform.newLock()
        const session = await platform.ready({ lock })
        await platform.terminate(session)
        await platform.until(session, 'Terminated')
        await refused(await platform.fetchLock(lock), 404)
      },
    },
    {
      row: 'Request body: { lock: string }',
      title: 'a body without a lock, and one that cannot be a lock, are refused',
      async run(platform) {
        for (const json of [{}, { lock: 7 }, { lock: '' }, { lock: 'x'.repeat(129) }]) {
          await refused(await platform.request(platform.servicePath('fetch'), { json }), 400, 422)
        }
      },
    },
    {
      row: 'Requires auth headers (see Authentication)',
      title: 'without a valid token it is refused, held or not',
      async run(platform) {
        const lock = platform.newLock()
        await platform.spawn({ lock })
        for (const token of [null, 'not-the-token']) {
          for (const json of [{ lock }, { lock: platform.newLock() }]) {
            await refused(await platform.request(platform.servicePath('fetch'), { json, token }), 401, 403)
          }
        }
      },
    },
  ],
}
