import assert from 'node:assert/strict'
import type { Section } from '../case.ts'
import { jsonOf, refused } from '../platform.ts'

export const paths: Section = {
  heading: 'HTTP API',
  rows: [
    {
      row: 'Every v1 path is served twice: bare and under /v1',
      title: 'the whole API is under /v1 too',
      async run(platform) {
        const { account, service } = platform.options
        const lock = platform.newLock()
        const v1 = (path: string, ...rest: [Parameters<typeof platform.request>[1]?]) =>
          platform.request(`/v1${path}`, ...rest)
        assert.deepEqual(await jsonOf(await v1('/auth')), { status: 'ok' })
        const { services } = await jsonOf(await v1(`/user/${encodeURIComponent(account)}/services`))
        assert(Array.isArray(services) && services.includes(service))
        await refused(await v1(`/user/${encodeURIComponent(account)}/service`, { json: {} }), 400, 422)
        const session = await platform.adopt(await v1(platform.servicePath('spawn'), { json: { lock } }))
        await platform.until(session, 'Ready')
        assert.equal(
          (await jsonOf(await v1(platform.servicePath('fetch'), { json: { lock } }))).name,
          session.name,
        )
        assert.equal((await jsonOf(await v1(`/backend/${session.name}/status`))).state, 'Ready')
        for (const path of ['status/stream', 'logs', 'ready']) {
          const response = await v1(`/backend/${session.name}/${path}`)
          await response.body?.cancel()
          assert.equal(response.status, 200, path)
        }
        const terminated = await v1(`/backend/${session.name}/terminate`, { method: 'POST' })
        assert.deepEqual(await jsonOf(terminated), { status: 'ok' })
      },
    },
    {
      row: 'Error body: {"error":{"message","status","code","id"}}',
      title: 'a path that is not there has it too, bare and under /v1',
      async run(platform) {
        for (const path of ['/no/such/path', '/v1/no/such/path'])
          await refused(await platform.request(path), 404)
      },
    },
  ],
}
