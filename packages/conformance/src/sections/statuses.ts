import assert from 'node:assert/strict'
import type { BackendStatus } from '@session-backend/core'
import type { Row, Section } from '../case.ts'
import { jsonOf, type PlatformUnderTest } from '../platform.ts'

/** A backend that was Ready exits when it is told to. */
const exits = (status: BackendStatus, query: string, row: string, title: string): Row => ({
  row,
  title,
  async run(platform) {
    const session = await platform.ready()
    await jsonOf(await platform.reach(session, `exit?${query}`, { method: 'POST' }))
    await platform.until(session, status)
  },
})

async function seen(platform: PlatformUnderTest, status: BackendStatus, session = platform.spawn()) {
  return (await platform.until(await session, status)).map(({ state }) => state)
}

export const statuses: Section = {
  heading: 'Backend statuses',
  rows: [
    {
      row: 'Loading - the backend has been created, and the image is being fetched',
      title: 'every backend begins with it',
      async run(platform) {
        assert.equal((await seen(platform, 'Ready'))[0], 'Loading')
      },
    },
    {
      row: 'Starting - the image has been fetched and is running but is not yet listening on port 8080',
      title: 'a backend that takes its time to listen is Starting',
      async run(platform) {
        const session = platform.spawn({ env: { CONFORMANCE_DELAY_MS: '500' } })
        assert.deepEqual(await seen(platform, 'Starting', session), ['Loading', 'Starting'])
      },
    },
    {
      row: 'Ready - the backend is listening on port 8080',
      title: 'a backend is Ready when it listens, and not before',
      async run(platform) {
        const spawnedAt = Date.now()
        const session = await platform.spawn({ env: { CONFORMANCE_DELAY_MS: '800' } })
        await platform.until(session, 'Ready')
        assert(Date.now() - spawnedAt >= 800)
      },
    },
    {
      row: 'Swept - the backend was terminated by Jamsocket because all connections were closed for the grace period',
      title: 'a backend that nobody uses is swept',
      async run(platform) {
        await seen(platform, 'Swept', platform.spawn({ grace_period_seconds: 1 }))
      },
    },
    exits(
      'Exited',
      'code=0',
      'Exited - the backend exited on its own with a zero status',
      'a backend that exits with 0 has Exited',
    ),
    {
      row: 'ErrorLoading - a failure occurred while loading the image',
      title: 'a tag that does not exist cannot be loaded',
      async run(platform) {
        const history = await seen(platform, 'ErrorLoading', platform.spawn({ tag: 'no-such-tag' }))
        assert.deepEqual(history, ['Loading', 'ErrorLoading'])
      },
    },
    {
      row: 'ErrorStarting - a failure occurred while starting the backend',
      title: 'a program that cannot be started was never Ready',
      needs: 'brokenService',
      async run(platform) {
        const session = platform.spawn({}, platform.need(platform.options.brokenService))
        assert(!(await seen(platform, 'ErrorStarting', session)).includes('Ready'))
      },
    },
    {
      row: 'TimedOutBeforeReady - a timeout occurred while waiting for the backend to become Ready',
      title: 'a backend that never listens is given up after the start-up limit',
      needs: 'startTimeoutSeconds',
      async run(platform) {
        const limit = platform.need(platform.options.startTimeoutSeconds)
        const spawnedAt = Date.now()
        const session = platform.spawn({ env: { CONFORMANCE_START: 'never' } })
        assert(!(await seen(platform, 'TimedOutBeforeReady', session)).includes('Ready'))
        assert(Date.now() - spawnedAt >= limit * 1000 * 0.9)
      },
    },
    exits(
      'Failed',
      'code=3',
      'Failed - the backend exited on its own with a non-zero status',
      'a backend that exits with 3 has Failed',
    ),
    exits(
      'Failed',
      'signal=SIGKILL',
      'Failed - the backend exited on its own with a non-zero status',
      'a backend that is killed by a signal has Failed',
    ),
    {
      row: 'Terminated - the backend was terminated externally',
      title: 'a backend that was terminated is Terminated',
      async run(platform) {
        const session = await platform.ready()
        await platform.terminate(session)
        await platform.until(session, 'Terminated')
      },
    },
    {
      row: 'Lost - the backend stopped running but its status wasn’t updated due to a Jamsocket error',
      title: 'a backend that the platform lost track of is Lost',
      needs: 'lose',
      async run(platform) {
        const session = await platform.ready()
        await platform.need(platform.options.lose)(session.name)
        await platform.until(session, 'Lost')
      },
    },
    {
      row: 'A lock belongs to one running backend.',
      title: 'every kind of end frees the lock: Exited, Failed, Swept, ErrorLoading, Terminated',
      async run(platform) {
        const lock = platform.newLock()
        const ends: [BackendStatus, Parameters<PlatformUnderTest['spawn']>[0], string?][] = [
          ['Exited', {}, 'exit?code=0'],
          ['Failed', {}, 'exit?code=1'],
          ['Swept', { grace_period_seconds: 0 }],
          ['ErrorLoading', { tag: 'no-such-tag' }],
          ['Terminated', {}],
        ]
        for (const [status, body, path] of ends) {
          const session = await platform.spawn({ ...body, lock })
          assert.equal(session.spawned, true, `before ${status}`)
          if (path) await jsonOf(await platform.reach(session, path, { method: 'POST' }))
          if (status === 'Terminated') await platform.terminate(session)
          await platform.until(session, status)
        }
        assert.equal((await platform.spawn({ lock })).spawned, true)
      },
    },
  ],
}
