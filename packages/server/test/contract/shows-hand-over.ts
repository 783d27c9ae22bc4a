import { expect } from 'vitest'
import type { Show } from './shows.ts'
import { openSocket } from './wire.ts'

/** How documents get new backends. */
export const showsHandOver = {
  restart: {
    title: 'ends a restarted backend and its connections; the next one has a higher fencing token',
    async run({ openApp, envOf, follow, terminate }) {
      const { sessionBackends, open } = openApp()
      const first = await open('doc')
      const socket = await openSocket(first)
      const closed = new Promise((resolve) => {
        socket.onclose = resolve
      })
      const token = Number((await envOf(first)).SESSION_BACKEND_FENCING_TOKEN)
      expect(await sessionBackends.restart('doc')).toEqual({ delivered: true })
      await closed
      expect((await follow(first)).at(-1)?.state).toBe('Terminated')
      const next = await open('doc')
      expect([next.spawned, next.name === first.name]).toEqual([true, false])
      expect(Number((await envOf(next)).SESSION_BACKEND_FENCING_TOKEN)).toBeGreaterThan(token)
      await terminate(next)
    },
  },

  rollOutOfDocuments: {
    title: 'restarts the documents of a roll-out, and leaves their new backends alone when it is resumed',
    async run({ openApp, follow, terminate }) {
      const { sessionBackends, open } = openApp()
      const old = [await open('a'), await open('b')]
      const kept = await open('kept')
      const documents = ['a', 'b', 'never-opened']
      const { before, ...report } = await sessionBackends.rollOut({ documents, perSecond: 100 })
      expect(report).toEqual({ total: 2, restarted: 2, upToDate: 0, failed: [] })
      for (const each of old) expect((await follow(each)).at(-1)?.state).toBe('Terminated')
      const next = [await open('a'), await open('b')]
      const resumed = await sessionBackends.rollOut({ documents, perSecond: 100, before })
      expect(resumed).toMatchObject({ total: 2, restarted: 0, upToDate: 2 })
      expect((await open('kept')).name).toBe(kept.name)
      for (const each of [...next, kept]) await terminate(each)
    },
  },

  rollOut: {
    title: 'restarts all backends, except those that run the tag',
    async run({ engine, openApp, spawn, follow, terminate }) {
      const { sessionBackends, open } = openApp()
      const old = await open('a')
      const upToDate = await spawn({ tag: engine.tag })
      await follow(upToDate, 'Ready')
      const report = await sessionBackends.rollOut({ tag: engine.tag, perSecond: 100 })
      expect(report).toMatchObject({ total: 2, restarted: 1, upToDate: 1, failed: [] })
      expect((await follow(old)).at(-1)?.state).toBe('Terminated')
      await terminate(upToDate)
    },
    otherwise: {
      title: 'cannot find all backends, so `rollOut` without `documents` throws not_supported',
      async run({ openApp }) {
        const error = { code: 'not_supported', message: expect.stringContaining('`documents`') }
        await expect(openApp().sessionBackends.rollOut()).rejects.toMatchObject(error)
      },
    },
  },
} satisfies Record<string, Show>
