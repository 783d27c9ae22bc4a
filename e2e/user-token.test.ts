import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import { jamsocket, type SessionBackends } from '@session-backend/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundle } from '../packages/backend/test/support/program.ts'
import { CONTROLLED, open, openSession, startAppServer } from './control/app.ts'
import { openPage } from './control/page.ts'

const NAME = 'session-backend-user'

let folder: string
let mock: MockPlatform
let app: SessionBackends
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-backend-token-'))
  const program = await bundle(CONTROLLED, folder)
  mock = await createMockPlatform({ services: { room: { command: [process.execPath, program] } } })
  app = createServer()
})
afterAll(async () => {
  await app?.close()
  await mock?.close()
  await rm(folder, { recursive: true, force: true })
})

/** A server whose clock is wrong by some ms. */
const createServer = (ahead = 0) =>
  startAppServer({
    platform: jamsocket.fromEnv(mock.env('room'), { apiVersion: 1 }),
    ...(ahead && { clock: clockAhead(ahead) }),
  })

function clockAhead(ms: number) {
  return {
    now: () => Date.now() + ms,
    after(wait: number, work: () => void) {
      const timer = setTimeout(work, wait)
      return () => clearTimeout(timer)
    },
  }
}

const codeOf = async (url: string) => (await openPage(url)).closed

it('refuses a URL of v1 whose user is forged, missing, twice there, or of another document: 4401', async () => {
  const [session, other] = [await openSession(app, 'plan'), await openSession(app, 'other')]
  const url = new URL(session.url)
  const token = url.searchParams.get(NAME) ?? expect.fail()
  const [claims = '', mac = ''] = token.split('.')
  const admin = JSON.stringify({ user: 'admin', authorizedAt: Date.now() })
  const tokens = {
    forged: `${Buffer.from(admin).toString('base64url')}.${mac}`,
    unsigned: claims,
    empty: '',
    'of another document': new URL(other.url).searchParams.get(NAME) ?? '',
  }
  for (const [what, each] of Object.entries(tokens)) {
    url.searchParams.set(NAME, each)
    expect([what, await codeOf(url.href)]).toEqual([what, 4401])
  }
  expect(await codeOf(`${session.url}&${NAME}=${token}`)).toBe(4401)
  expect(await codeOf(session.url.split('?')[0] ?? '')).toBe(4401)
  expect(await (await openPage(session.url)).message('you')).toMatchObject({ user: 'ada' })
})

it('refuses a URL of v1 that is more than a minute old, or of an earlier backend: 4401', async () => {
  for (const ahead of [-61_000, 61_000]) {
    const late = createServer(ahead)
    expect(await (await open(late, 'plan')).closed).toBe(4401)
    await late.close()
  }
  const { search } = new URL((await openSession(app, 'plan')).url)
  await app.restart('plan')
  const next = await openSession(app, 'plan')
  expect(await codeOf((next.url.split('?')[0] ?? '') + search)).toBe(4401)
})
