import assert from 'node:assert/strict'
import type { Section } from '../case.ts'
import { jsonOf, refused } from '../platform.ts'

export const terminate: Section = {
  heading: 'Terminate a backend',
  rows: [
    {
      row: 'POST /backend/:backend_name/terminate. Returns {"status":"ok"} if termination request was successfully sent.',
      title: 'the backend ends as Terminated',
      async run(platform) {
        const session = await platform.ready()
        const response = await platform.request(`/backend/${session.name}/terminate`, { method: 'POST' })
        assert.deepEqual(await jsonOf(response), { status: 'ok' })
        await platform.until(session, 'Terminated')
      },
    },
    {
      row: 'POST /backend/:backend_name/terminate',
      title: 'a backend that has not come to listen can be terminated too',
      async run(platform) {
        const session = await platform.spawn({ env: { CONFORMANCE_START: 'never' } })
        await platform.until(session, 'Starting')
        await platform.terminate(session)
        await platform.until(session, 'Terminated')
      },
    },
    {
      row: 'Requires auth headers (see Authentication)',
      title: 'without a valid token it is refused, and the backend lives on',
      async run(platform) {
        const session = await platform.ready()
        for (const token of [null, 'not-the-token']) {
          const path = `/backend/${session.name}/terminate`
          await refused(await platform.request(path, { method: 'POST', token }), 401, 403)
        }
        assert.equal((await platform.env(session)).SESSION_BACKEND_ID, session.name)
      },
    },
    {
      row: 'POST /backend/:backend_name/terminate',
      title: 'a backend that is not there is 404',
      async run(platform) {
        await refused(await platform.request('/backend/nosuchbackend/terminate', { method: 'POST' }), 404)
      },
    },
  ],
}
