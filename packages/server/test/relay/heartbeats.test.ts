import { HEARTBEAT, HEARTBEAT_INTERVAL } from '@session-backend/core/internal'
import { describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { withHeartbeats } from '../../src/relay/heartbeats.ts'
import { deferred } from '../support/deferred.ts'
import { iterate } from '../support/fake-platform.ts'

type News = IteratorResult<string, void>

/** Events of which the first is yet to come. */
function silent() {
  const clock = new FakeClock()
  const { promise, resolve, reject } = deferred<News>()
  const listeners = vi.spyOn(promise, 'then')
  const events = Object.assign(iterate<string>([]), { next: () => promise })
  const beats = withHeartbeats(events, clock)
  async function beat() {
    const next = beats.next()
    await vi.waitFor(() => expect(clock.pending).toBe(1))
    clock.advance(HEARTBEAT_INTERVAL)
    return (await next).value
  }
  return { clock, beats, beat, listeners, resolve, reject }
}

describe('heartbeats', () => {
  it('leave nothing behind, however many there are: a backend may have no news for days', async () => {
    const { beat, listeners } = silent()
    for (let times = 0; times < 100; times++) expect(await beat()).toBe(HEARTBEAT)
    expect(listeners).toHaveBeenCalledOnce()
  })

  it('give way to an event that comes while the reader is still reading a heartbeat', async () => {
    const { clock, beats, beat, resolve } = silent()
    await beat()
    resolve({ done: false, value: 'event' })
    expect(await beats.next()).toEqual({ done: false, value: 'event' })
    expect(clock.pending).toBe(0)
  })

  it('end with the events, by their error too', async () => {
    const { clock, beats, beat, reject } = silent()
    await beat()
    reject(new Error('cut'))
    await expect(beats.next()).rejects.toThrow('cut')
    expect(clock.pending).toBe(0)
  })
})
