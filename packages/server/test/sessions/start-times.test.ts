import { describe, expect, it, vi } from 'vitest'
import { createApp, POST } from '../support/backends.ts'
import { fakePlatform, iterate, sessionOf, stateAt } from '../support/fake-platform.ts'

/** A platform whose starts take so many ms, one after another. */
function startingIn(...times: number[]) {
  let streams = 0
  let spawns = 0
  const platform = fakePlatform({
    spawn: async () => sessionOf(`b${++spawns}`, { status: 'Loading' }),
    statusStream() {
      const ms = times[streams++] ?? 0
      return iterate([stateAt('Loading', 0), stateAt('Starting', ms / 2), stateAt('Ready', ms)])
    },
  })
  return { platform, streams: () => streams }
}

describe('the time that a start usually takes', () => {
  it('comes with the answer once the process has seen starts of that tag', async () => {
    const times = Array.from({ length: 10 }, (_, index) => (index + 1) * 100)
    const { platform, streams } = startingIn(...times)
    const app = createApp({ platform, spawn: ({ documentId }) => ({ tag: documentId.slice(0, 2) }) })
    const open = async (id: string) => (await app.send(`/${id}`, POST)).json()
    expect(await open('v1-0')).not.toHaveProperty('typicalStart')
    // One start is followed at a time: those in between aren't.
    for (let count = 1; streams() < 10; count++) await open(`v1-${count}`)
    await vi.waitFor(async () =>
      expect(await open('v1-last')).toMatchObject({ typicalStart: { p50: 500, p90: 900 } }),
    )
    expect(await open('v2-0')).not.toHaveProperty('typicalStart')
  })

  it('is left out if the backend is Ready, or the times of the platform are no dates', async () => {
    const ready = createApp()
    await ready.send('/a', POST)
    expect(await (await ready.send('/b', POST)).json()).not.toHaveProperty('typicalStart')
    const undated = fakePlatform({
      spawn: async () => sessionOf('b1', { status: 'Loading' }),
      statusStream: () => iterate([{ state: 'Ready', time: 'soon' } as const]),
    })
    const app = createApp({ platform: undated })
    await app.send('/a', POST)
    expect(await (await app.send('/b', POST)).json()).not.toHaveProperty('typicalStart')
  })

  it('is learned by one stream at a time, however many documents are opened', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    let open = 0
    let most = 0
    let spawns = 0
    const platform = fakePlatform({
      spawn: async () => sessionOf(`b${++spawns}`, { status: 'Loading' }),
      async *statusStream() {
        most = Math.max(most, ++open)
        yield stateAt('Loading', 0)
        await new Promise((resolve) => setImmediate(resolve))
        open--
        yield stateAt('Ready', 100)
      },
    })
    const app = createApp({ platform })
    await Promise.all(Array.from({ length: 20 }, (_, id) => app.send(`/${id}`, POST)))
    expect(most).toBe(1)
    await vi.waitFor(() => expect(open).toBe(0))
  })
})
