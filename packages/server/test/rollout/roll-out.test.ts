import { createMockPlatform } from '@session-backend/mock-platform'
import { expect, it, onTestFinished } from 'vitest'
import { createSessionBackends, jamsocket, type Platform, type RollOutReport } from '../../src/index.ts'

/** A backend that answers with its tag, and takes a moment to save when it is asked to end. */
const program = (tag: string) => `
const server = require('node:http').createServer((_, response) => response.end('${tag}')).listen(process.env.PORT)
process.on('SIGTERM', () => setTimeout(() => process.exit(), 50))`
const command = (tag: string) => ({ command: [process.execPath, '-e', program(tag)] as const })

/** An app on a platform of this machine, whose backends are processes. */
async function startApp({ apiVersion = 1, hasList = true }: { apiVersion?: 1 | 2; hasList?: boolean } = {}) {
  const platform = await createMockPlatform({
    services: {
      editor: { ...command('none'), tags: { old: command('old'), new: command('new') } },
      other: command('x'),
    },
  })
  const client = jamsocket.fromEnv(platform.env('editor'), { apiVersion })
  const { list: _, ...withoutList } = client
  const engine: Platform = hasList ? client : withoutList
  const sessionBackends = createSessionBackends({ platform: engine, authorize: () => true })
  onTestFinished(async () => {
    await sessionBackends.close()
    await platform.close()
  })
  return {
    ...{ platform, sessionBackends },
    async open(documentId: string, tag?: string) {
      const { name } = await client.spawn({ lock: `editor/${documentId}`, tag })
      for await (const { state } of client.statusStream(name)) if (state === 'Ready') return name
      throw new Error(`The backend of ${documentId} ended.`)
    },
    runs: async (documentId: string) => {
      const found = await client.fetch({ lock: `editor/${documentId}` }).catch(() => undefined)
      return found?.name
    },
  }
}

it.each([1, 2] as const)(
  'lists the running backends of the service, and of no other, on v%s',
  async (apiVersion) => {
    const { sessionBackends, platform, open } = await startApp({ apiVersion })
    const other = jamsocket.fromEnv(platform.env('other'), { apiVersion })
    onTestFinished(() => other.close())
    await other.spawn({ lock: 'other/a' })
    const names = [await open('a', 'old'), await open('b')]
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT/)
    const ready = { status: 'Ready', since: time, createdAt: time, connections: 0 }
    expect(await sessionBackends.list()).toEqual([
      { ...ready, name: names[0], lock: 'editor/a', tag: 'old' },
      { ...ready, name: names[1], lock: 'editor/b', tag: null },
    ])
  },
)

it.each([1, 2] as const)(
  'restarts what runs on another tag, and resolves once it has ended, on v%s',
  async (apiVersion) => {
    const { sessionBackends, open, runs } = await startApp({ apiVersion })
    await Promise.all([open('a', 'old'), open('b', 'old'), open('c')])
    const upToDate = await open('d', 'new')
    const seen: RollOutReport[] = []
    const report = await sessionBackends.rollOut({
      tag: 'new',
      perSecond: 100,
      onProgress: (each) => seen.push(each),
    })
    expect(report).toMatchObject({ total: 4, restarted: 3, upToDate: 1, failed: [] })
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(runs))).toEqual([
      undefined,
      undefined,
      undefined,
      upToDate,
    ])
    expect(seen.map(({ restarted }) => restarted)).toEqual([0, 1, 2, 3])

    await open('a', 'new')
    expect(await sessionBackends.rollOut({ tag: 'new' })).toMatchObject({
      total: 2,
      restarted: 0,
      upToDate: 2,
    })
  },
)

it('begins no more restarts in a second than it was told', async () => {
  const { sessionBackends, open } = await startApp()
  await Promise.all(['a', 'b', 'c', 'd'].map((id) => open(id)))
  const begun = performance.now()
  expect(await sessionBackends.rollOut({ perSecond: 10 })).toMatchObject({ restarted: 4 })
  expect(performance.now() - begun).toBeGreaterThanOrEqual(290)
})

it('stops when it is aborted, and is resumed by its `before`, which leaves new backends alone', async () => {
  const { sessionBackends, open, runs } = await startApp()
  await Promise.all(['a', 'b', 'c'].map((id) => open(id)))
  const stop = new AbortController()
  let before = new Date(0)
  const onProgress = (report: RollOutReport) => {
    before = report.before
    if (report.restarted > 0) stop.abort(new Error('Enough.'))
  }
  await expect(sessionBackends.rollOut({ perSecond: 0.01, signal: stop.signal, onProgress })).rejects.toThrow(
    'Enough.',
  )
  expect(await runs('a')).toBeUndefined()
  const successor = await open('a')
  expect(await sessionBackends.rollOut({ perSecond: 100, before })).toMatchObject({
    restarted: 2,
    upToDate: 1,
  })
  expect(await runs('a')).toBe(successor)
})

it.each([true, false])(
  'restarts the documents that it is given, and no others (the engine has a list: %s)',
  async (hasList) => {
    const { sessionBackends, open, runs } = await startApp({ hasList })
    const kept = await open('kept')
    await open('a')
    expect(await sessionBackends.rollOut({ documents: ['a', 'nobody-has-it-open'] })).toMatchObject({
      total: 1,
      restarted: 1,
    })
    expect([await runs('a'), await runs('kept')]).toEqual([undefined, kept])
  },
)

it('says that an engine without a list needs the documents', async () => {
  const { sessionBackends } = await startApp({ hasList: false })
  const error = { code: 'not_supported', message: expect.stringContaining('`documents`') }
  await expect(sessionBackends.rollOut()).rejects.toMatchObject(error)
  await expect(sessionBackends.list()).rejects.toMatchObject(error)
})

it('reports a backend that could not be restarted, and restarts the others', async () => {
  const { sessionBackends, platform, open, runs } = await startApp()
  const names = [await open('a'), await open('b')]
  platform.faults.add({ kind: 'status', status: 400, endpoint: 'terminate', times: 1 })
  const report = await sessionBackends.rollOut({ perSecond: 5 })
  expect(report).toMatchObject({
    total: 2,
    restarted: 1,
    failed: [{ name: names[0], lock: 'editor/a', error: { code: 'platform_error' } }],
  })
  expect([await runs('a'), await runs('b')]).toEqual([names[0], undefined])
})

it.each([
  [{ perSecond: 0 }, '`perSecond` must be a number above 0, got 0.'],
  [{ tag: '' }, '`tag` must be a string without control characters, got "".'],
  [{ before: new Date('soon') }, '`before` must be a valid Date, got Date.'],
])('refuses %j', async (options, message) => {
  const { sessionBackends } = await startApp()
  await expect(sessionBackends.rollOut(options)).rejects.toMatchObject({ code: 'invalid_option', message })
})
