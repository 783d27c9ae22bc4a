import assert from 'node:assert/strict'
import type { Section } from '../case.ts'
import { type PlatformUnderTest, refused } from '../platform.ts'

async function pageOf(platform: PlatformUnderTest, path: string): Promise<string> {
  const response = await platform.request(path, { token: null })
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/html\b/)
  return response.text()
}

const tokenOf = (url: string) => url.split('/').at(-2) ?? ''

export const readyPage: Section = {
  heading: 'Backend ready page',
  rows: [
    {
      row: 'GET /backend/:backend_name/ready. Serves a webpage that shows a loading screen for newly-spawned backends.',
      title: 'it is a page that needs no token, with the address of the backend in it',
      async run(platform) {
        const session = await platform.spawn()
        assert((await pageOf(platform, `/backend/${session.name}/ready`)).includes(tokenOf(session.url)))
      },
    },
    {
      row: 'ready_url: https://api.jamsocket.com/ready/8nyg2/eqYLfYmVbdIwSukbIxiFJNAjKz8KJLECmfYMQfqSgKs/',
      title: 'it is at /ready/:name/:token/ as well',
      async run(platform) {
        const session = await platform.spawn()
        const { pathname } = new URL(session.readyUrl)
        assert.match(pathname, new RegExp(`/ready/${session.name}/[^/]+/$`))
        assert((await pageOf(platform, pathname)).includes(tokenOf(session.url)))
      },
    },
    {
      row: 'The page redirects to its own backend’s url',
      title: 'with another token than the backend’s it tells no address',
      async run(platform) {
        const session = await platform.spawn()
        const response = await platform.request(`/ready/${session.name}/not-the-token/`, { token: null })
        const page = await response.text()
        assert(
          response.status === 200 || response.status === 404 || response.status === 410,
          `${response.status}`,
        )
        assert(!page.includes(tokenOf(session.url)))
        assert.equal(
          (await pageOf(platform, new URL(session.readyUrl).pathname)).includes('not-the-token'),
          false,
        )
      },
    },
    {
      row: 'GET /backend/:backend_name/ready',
      title: 'what stands in the address cannot become part of the page',
      async run(platform) {
        const forged = encodeURIComponent('"><script>alert(1)</script>')
        await pageOf(platform, `/backend/${(await platform.spawn()).name}/ready`)
        for (const path of [`/backend/${forged}/ready`, `/ready/nosuchbackend/${forged}/`]) {
          const page = await (await platform.request(path, { token: null })).text()
          assert(!page.includes('<script>alert(1)'))
        }
      },
    },
    {
      row: 'GET /backend/:backend_name/ready',
      title: 'a backend that is not there is 404',
      async run(platform) {
        const response = await platform.request('/backend/nosuchbackend/ready', { token: null })
        if (response.headers.get('content-type')?.startsWith('text/html')) assert.equal(response.status, 404)
        else await refused(response, 404)
      },
    },
  ],
}
