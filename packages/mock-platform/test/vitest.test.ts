import { afterAll, expect } from 'vitest'
import type { MockPlatform } from '../src/index.ts'
import { platformTest } from '../src/vitest.ts'
import { Client } from './support/platform.ts'

const platforms: MockPlatform[] = []

const test = platformTest({
  services: { editor: { serve: (server) => void server.on('request', (_, answer) => answer.end('hello')) } },
}).extend<{ client: Client }>({
  client: async ({ platform }, use) => use(new Client(platform)),
})

test('each test has its own platform, with its own clock and faults', async ({ platform, client }) => {
  platforms.push(platform)
  platform.faults.add({ kind: 'stuck-loading' })
  platform.faults.clear()
  const session = await client.ready({ lock: 'doc' })
  expect(await (await fetch(session.url)).text()).toBe('hello')
  platform.clock.advance(300_000)
  expect((await client.until(session)).at(-1)).toBe('Swept')
})

test('nothing of one is seen in the next', async ({ platform, client }) => {
  platforms.push(platform)
  expect((await client.fetchLock('doc')).status).toBe(404)
  await client.ready({ lock: 'doc' })
})

test('a test that does not ask for one starts none', ({ expect }) => {
  expect(platforms).toHaveLength(2)
})

afterAll(async () => {
  expect(platforms[0]?.url).not.toBe(platforms[1]?.url)
  for (const { url } of platforms) await expect(fetch(url)).rejects.toThrow()
})
