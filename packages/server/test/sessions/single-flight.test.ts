import { describe, expect, it, vi } from 'vitest'
import { abortOf, type LazyAbort, LazyAbortController } from '../../src/common/lazy-abort.ts'
import { SingleFlight } from '../../src/sessions/single-flight.ts'
import { deferred } from '../support/deferred.ts'

const staying = new LazyAbortController()

function setUp() {
  const flights = new SingleFlight<string>()
  const { promise, resolve, reject } = deferred<string>()
  const crowds: LazyAbort[] = []
  const work = vi.fn((crowd: LazyAbort) => {
    crowds.push(crowd)
    return promise
  })
  return {
    flights,
    work,
    crowds,
    resolve,
    reject,
    join: (caller: LazyAbort = staying) => flights.run('lock', caller, work),
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
    expect(await flights.run('lock', staying, async () => 'again')).toEqual({ value: 'again', first: true })
    expect(work).toHaveBeenCalledOnce()
  })

  it('keeps nobody waiting for work that throws before it has begun', async () => {
    const { flights } = setUp()
    const broken = flights.run('lock', staying, () => {
      throw new Error('broken')
    })
    await expect(broken).rejects.toThrow('broken')
    expect(await flights.run('lock', staying, async () => 'again')).toEqual({ value: 'again', first: true })
  })

  it('gives its result to callers of the same turn of the event loop, and to no later one', async () => {
    const { flights, resolve, join } = setUp()
    const first = join()
    resolve('done')
    await first
    expect(await join()).toEqual({ value: 'done', first: false })
    await new Promise((resume) => setImmediate(resume))
    expect(await flights.run('lock', staying, async () => 'again')).toEqual({ value: 'again', first: true })
  })

  it('answers a crowd in several turns, so that it holds up nobody else', async () => {
    const { flights, resolve, join } = setUp()
    let answered = 0
    const crowd = Array.from({ length: 100 }, () => join().finally(() => answered++))
    resolve('done')
    await Promise.all(crowd.slice(0, 1))
    const inOneTurn = await new Promise((resume) => setImmediate(() => resume(answered)))
    expect(inOneTurn).toBeLessThan(50)
    expect(await flights.run('lock', staying, async () => 'again')).toEqual({ value: 'again', first: true })
    expect(answered).toBeLessThan(100)
    const landed = await Promise.all(crowd)
    expect(landed.filter(({ first }) => first)).toEqual([{ value: 'done', first: true }])
  })

  it('starts the next work for a caller that comes back while a small crowd is answered', async () => {
    const { flights, resolve, join } = setUp()
    let answered = 0
    const crowd = Array.from({ length: 16 }, () => join().finally(() => answered++))
    resolve('done')
    await crowd[0]
    await new Promise((resume) => setImmediate(resume))
    expect(await flights.run('lock', staying, async () => 'again')).toEqual({ value: 'again', first: true })
    expect(answered).toBeLessThanOrEqual(8)
    expect((await Promise.all(crowd)).map(({ value }) => value)).toEqual(crowd.map(() => 'done'))
  })

  it('rejects for a caller that leaves while a crowd is answered', async () => {
    const { crowds, resolve, join } = setUp()
    const leaving = new AbortController()
    const crowd = Array.from({ length: 50 }, () => join())
    const last = join(abortOf(leaving.signal))
    resolve('done')
    await crowd[0]
    leaving.abort(new Error('left'))
    await expect(last).rejects.toThrow('left')
    expect((await Promise.all(crowd)).map(({ value }) => value)).toEqual(crowd.map(() => 'done'))
    expect(crowds[0]?.aborted).toBe(false)
  })

  it('keeps other keys apart', async () => {
    const { flights, join, resolve } = setUp()
    const one = join()
    expect(await flights.run('other', staying, async () => 'other')).toEqual({ value: 'other', first: true })
    resolve('done')
    expect((await one).value).toBe('done')
  })

  it('does not cancel the work for others when the caller that began it leaves', async () => {
    const { crowds, resolve, join } = setUp()
    const leaving = new AbortController()
    const [gone, stays] = [join(abortOf(leaving.signal)), join()]
    leaving.abort(new Error('left'))
    await expect(gone).rejects.toThrow('left')
    expect(crowds[0]?.aborted).toBe(false)
    resolve('done')
    expect(await stays).toEqual({ value: 'done', first: true })
  })

  it('aborts the work when the last caller leaves, and starts it again for the next one', async () => {
    const { flights, crowds, join } = setUp()
    const leaving = [new AbortController(), new AbortController()]
    const gone = leaving.map(({ signal }) => join(abortOf(signal)))
    for (const controller of leaving) controller.abort(new Error('left'))
    for (const call of gone) await expect(call).rejects.toThrow('left')
    expect(crowds[0]?.aborted).toBe(true)
    expect(await flights.run('lock', staying, async () => 'again')).toEqual({ value: 'again', first: true })
  })

  it('does not start work for a caller that has left already', async () => {
    const { work, join } = setUp()
    await expect(join(abortOf(AbortSignal.abort(new Error('left'))))).rejects.toThrow('left')
    expect(work).not.toHaveBeenCalled()
  })
})
