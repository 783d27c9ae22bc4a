import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { codeOf, POST } from './support/backends.ts'
import { Feed, fakePlatform, sessionOf, stateAt } from './support/fake-platform.ts'

type Package = typeof import('../src/index.ts')

/** The built package, twice: as ESM and as CommonJS, each with a copy of every module. */
async function loadCopies(): Promise<Package[]> {
  const dist = join(import.meta.dirname, '../dist')
  const copies: Package[] = [
    await import(join(dist, 'index.js')),
    createRequire(import.meta.url)(`${dist}/index.cjs`),
  ]
  expect(copies[0]?.createSessionBackends).not.toBe(copies[1]?.createSessionBackends)
  return copies
}

async function createApps(platform: ReturnType<typeof fakePlatform>) {
  const apps = (await loadCopies()).map(({ createSessionBackends }) =>
    createSessionBackends({ platform, authorize: () => true, logger: { error: () => {} } }),
  )
  onTestFinished(async () => {
    await Promise.all(apps.map((app) => app.close()))
  })
  return apps.map(
    (app) => (path: string, init?: RequestInit) =>
      app.handle(new Request(`http://app.test/api/sessions${path}`, init)),
  )
}

it('is one for all copies of the package in a process: they follow a backend by one stream', async () => {
  const statuses = new Feed<ReturnType<typeof stateAt>>()
  const platform = fakePlatform({
    fetch: async () => sessionOf('b1'),
    statusStream: (_, { signal } = {}) => statuses.open(signal),
  })
  const sends = await createApps(platform)
  const followers = await Promise.all(sends.map((send) => send('/doc/status')))
  const texts = Promise.all(followers.map((follower) => follower.text()))
  await vi.waitFor(() => expect(statuses.opened).toBe(1))
  statuses.push(stateAt('Exited', 0))
  statuses.end()
  for (const text of await texts) expect(text).toContain('"state":"Exited"')
  expect(statuses.opened).toBe(1)
})

it('lets them share a call, and understand how it failed', async () => {
  const [esm, cjs] = await loadCopies()
  for (const { SessionBackendError } of [esm, cjs].filter((copy) => copy !== undefined)) {
    const failure = new SessionBackendError('not_running', 'No backend holds this lock.')
    const platform = fakePlatform({ fetch: () => Promise.reject(failure) })
    const sends = await createApps(platform)
    const answers = await Promise.all(sends.map((send) => send('/doc')))
    expect(await Promise.all(answers.map(codeOf))).toEqual(['not_running', 'not_running'])
    expect(platform.calls).toHaveLength(1)
  }
})

it('is not shared between platforms', async () => {
  const [first, second] = [fakePlatform(), fakePlatform()]
  const [[sendFirst], [sendSecond]] = [await createApps(first), await createApps(second)]
  await Promise.all([sendFirst?.('/doc', POST), sendSecond?.('/doc', POST)])
  expect([first.calls.length, second.calls.length]).toEqual([1, 1])
})
