import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Section } from '../case.ts'
import { jsonOf, type PlatformUnderTest, refused } from '../platform.ts'

const userPath = (platform: PlatformUnderTest, rest: string, account = platform.options.account) =>
  `/user/${encodeURIComponent(account)}/${rest}`

async function listOf(platform: PlatformUnderTest): Promise<unknown[]> {
  const { services } = await jsonOf(await platform.request(userPath(platform, 'services')))
  assert(Array.isArray(services))
  return services
}

export const createService: Section = {
  heading: 'Create service',
  rows: [
    {
      row: 'POST /user/:username/service { name: string }. Returns { "status": "ok" } if successful.',
      title: 'a service is created, and listed from then on',
      async run(platform) {
        const name = `conformance-${randomBytes(4).toString('hex')}`
        const created = await platform.request(userPath(platform, 'service'), { json: { name } })
        assert.deepEqual(await jsonOf(created), { status: 'ok' })
        assert((await listOf(platform)).includes(name))
      },
    },
    {
      row: 'Request body: { name: string }',
      title: 'a body without a name is refused',
      async run(platform) {
        for (const json of [{}, { name: 7 }, { name: '' }, []]) {
          await refused(await platform.request(userPath(platform, 'service'), { json }), 400, 422)
        }
      },
    },
    {
      row: 'Requires auth headers (see Authentication)',
      title: 'without a valid token it is refused',
      async run(platform) {
        for (const token of [null, 'not-the-token']) {
          const request = { json: { name: 'conformance-refused' }, token }
          await refused(await platform.request(userPath(platform, 'service'), request), 401, 403)
        }
      },
    },
  ],
}

export const listServices: Section = {
  heading: 'Get a list of services',
  rows: [
    {
      row: 'GET /user/:username/services. Example: { "services": ["hello-world", "my-service"] }',
      title: 'the names of the account’s services',
      async run(platform) {
        const services = await listOf(platform)
        assert(services.every((name) => typeof name === 'string'))
        assert(services.includes(platform.options.service))
      },
    },
    {
      row: 'Requires auth headers (see Authentication)',
      title: 'without a valid token, and for another account, it is refused',
      async run(platform) {
        for (const token of [null, 'not-the-token']) {
          await refused(await platform.request(userPath(platform, 'services'), { token }), 401, 403)
        }
        await refused(await platform.request(userPath(platform, 'services', 'no-such-account')), 403, 404)
      },
    },
  ],
}
