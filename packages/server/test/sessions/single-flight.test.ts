import { describe, expect, it, vi } from 'vitest'
import { SingleFlight } from '../../src/sessions/single-flight.ts'
import { deferred } from '../support/deferred.ts'

const never = new AbortController().signal

function setUp() {
  const flights = new SingleFlight<string>()
  const { promise, resolve, reject } = deferred<string>()
  const signals: AbortSignal[] = []
  const work = vi.fn((signal: AbortSignal) => {
    signals.push(signal)
    return promise
  })
  return {
    flights,
    work,
    signals,
    resolve,
    reject,
    join: (signal = never) => flights.run('lock', signal, work),
  }
}

describe('single flight', () => {
  it('lets simultaneous callers share one piece of work, and tells the first', async () => {
    const { work, resolve, join } = setUp()
    const callers = [join(), join(), join()]
    resolve('done')
    expect(await Promise.all(callers)).toEqual([
      { value: 'done', first: true },
      { value: 'done', first: false },
      { value: 'done', first: false },
    ])
    expect(work).toHaveBeenCalledOnce()
  })

  it('shares a failure, and keeps nothing of it', async () => {
    const { flights, work, reject, join } = setUp()
    const callers = [join(), join()]
    reject(new Error('failed'))
    for (const { status } of await Promise.allSettled(callers)) expect(status).toBe('rejected')
    expect(await flights.run('lock', never, async () => 'again')).toEqual({ value: 'again', first: true })
    expect(work).toHaveBeenCalledOnce()
  })

  it('keeps other keys apart', async () => {
    const { flights, join, resolve } = setUp()
    const one = join()
    expect(await flights.run('other', never, async () => 'other')).toEqual({ value: 'other', first: true })
    resolve('done')
    expect((await one).value).toBe('done')
  })

  it("does not cancel the others' work when the one who began it leaves", async () => {
    const { signals, resolve, join } = setUp()
    const leaving = new AbortController()
    const [gone, staying] = [join(leaving.signal), join()]
    leaving.abort(new Error('left'))
    await expect(gone).rejects.toThrow('left')
    expect(signals[0]?.aborted).toBe(false)
    resolve('done')
    expect(await staying).toEqual({ value: 'done', first: true })
  })

  it('aborts the work when the last one leaves; who comes then begins anew', async () => {
    const { flights, signals, join } = setUp()
    const leaving = [new AbortController(), new AbortController()]
    const gone = leaving.map(({ signal }) => join(signal))
    for (const controller of leaving) controller.abort(new Error('left'))
    for (const call of gone) await expect(call).rejects.toThrow('left')
    expect(signals[0]?.aborted).toBe(true)
    expect(await flights.run('lock', never, async () => 'anew')).toEqual({ value: 'anew', first: true })
  })

  it('does nothing for who has left already', async () => {
    const { work, join } = setUp()
    await expect(join(AbortSignal.abort(new Error('left')))).rejects.toThrow('left')
    expect(work).not.toHaveBeenCalled()
  })
})
