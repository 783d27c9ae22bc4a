import assert from 'node:assert/strict'
import type { BackendState } from '@session-backend/core'
import { isForward } from '@session-backend/core/internal'
import type { Row, Section } from '../case.ts'
import { jsonOf, refused } from '../platform.ts'

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

function names(history: BackendState[]): string[] {
  return history.map(({ state }) => state)
}

const unknownBackend = (path: string): Row => ({
  row: `GET ${path.replace('nosuchbackend', ':backend_name')}`,
  title: 'a backend that is not there is 404, and a page may read that',
  async run(platform) {
    const response = await platform.request(path, { token: null })
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    await refused(response, 404)
  },
})

export const statusStream: Section = {
  heading: 'Get a backend’s status stream',
  rows: [
    {
      row: 'Response is a stream where each line looks like: data:{"state":"Ready","time":"2022-04-13T18:00:10.985294Z"}',
      title: 'each event is a status, its time and the backend’s name',
      async run(platform) {
        const session = await platform.spawn()
        for (const { state, time, backend } of await platform.until(session, 'Ready')) {
          assert.match(time, RFC_3339)
          assert(Math.abs(Date.parse(time) - Date.now()) < 600_000, `${state} at ${time}`)
          assert.equal(backend, session.name)
        }
      },
    },
    {
      row: 'The stream replays the whole history first, then goes live',
      title: 'who comes late sees the same as who was there from the start',
      async run(platform) {
        const session = await platform.spawn()
        const live = await platform.until(session, 'Ready')
        const late = platform.states(session.name)
        const replayed: BackendState[] = []
        for (const _state of live) {
          const { value } = await late.next()
          if (value) replayed.push(value)
        }
        assert.deepEqual(replayed, live)
        assert.equal(live[0]?.state, 'Loading')
        await platform.terminate(session)
        const { value } = await late.next()
        assert.equal(value?.state, 'Terminated')
      },
    },
    {
      row: 'The stream ends after a terminal status',
      title: 'nothing follows a terminal status, neither live nor replayed',
      async run(platform) {
        const session = await platform.ready()
        const live = platform.states(session.name)
        await live.next()
        await platform.terminate(session)
        const rest: BackendState[] = []
        for await (const state of live) rest.push(state)
        assert.equal(rest.at(-1)?.state, 'Terminated')
        const replayed: BackendState[] = []
        for await (const state of platform.states(session.name)) replayed.push(state)
        assert.deepEqual(names(replayed).slice(1), names(rest))
      },
    },
    {
      row: 'Statuses only move forward: Loading < Starting < Ready < (any terminal)',
      title: 'no status is repeated, and none is a step back',
      async run(platform) {
        const session = await platform.ready()
        await platform.terminate(session)
        const history = await platform.until(session, 'Terminated')
        for (const [index, { state }] of history.entries()) {
          assert(isForward(history[index - 1]?.state, state), `${names(history)}`)
        }
        const times = history.map(({ time }) => Date.parse(time))
        assert.deepEqual(
          times,
          [...times].sort((a, b) => a - b),
        )
      },
    },
    {
      row: 'Last-Event-ID (where the stream numbers its events)',
      title: 'what was received is not sent again',
      async run(platform) {
        const session = await platform.ready()
        await platform.terminate(session)
        await platform.until(session, 'Terminated')
        const path = `/backend/${session.name}/status/stream`
        const all: { data: string; id?: string | undefined }[] = []
        for await (const event of platform.events(path, { token: null })) all.push(event)
        const second = all[1]
        assert(second)
        if (second.id === undefined) return
        const headers = { 'last-event-id': second.id }
        const rest: { data: string }[] = []
        for await (const event of platform.events(path, { token: null, headers })) rest.push(event)
        assert.deepEqual(rest, all.slice(2))
      },
    },
    unknownBackend('/backend/nosuchbackend/status/stream'),
  ],
}

export const currentStatus: Section = {
  heading: 'Get a backend’s current status',
  rows: [
    {
      row: 'Same as /backend/:backend_name/status/stream except returns only the most recent status.',
      title: 'it is the last status of the stream, while the backend lives and after it',
      async run(platform) {
        const session = await platform.spawn()
        const isLastOf = async (history: BackendState[]) => {
          const { state, time } = await jsonOf(
            await platform.request(`/backend/${session.name}/status`, { token: null }),
          )
          assert.deepEqual([state, time], [history.at(-1)?.state, history.at(-1)?.time])
        }
        await isLastOf(await platform.until(session, 'Ready'))
        await platform.terminate(session)
        await isLastOf(await platform.until(session, 'Terminated'))
      },
    },
    {
      row: 'Example response: {"state":"Ready","time":"2022-04-13T18:00:21.719786Z"}',
      title: 'it is a status from the first moment on',
      async run(platform) {
        const { name } = await platform.spawn({ env: { CONFORMANCE_START: 'never' } })
        const { state, time } = await jsonOf(
          await platform.request(`/backend/${name}/status`, { token: null }),
        )
        assert(state === 'Loading' || state === 'Starting', String(state))
        assert.match(String(time), RFC_3339)
      },
    },
    unknownBackend('/backend/nosuchbackend/status'),
  ],
}
