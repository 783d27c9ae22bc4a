import { describe, expect, it, vi } from 'vitest'
import { type Caller, callerOf, LeavingCaller } from '../../src/caller.ts'
import { SingleFlight } from '../../src/sessions/single-flight.ts'
import { deferred } from '../support/deferred.ts'

const staying = new LeavingCaller()

function setUp() {
  const flights = new SingleFlight<string>()
  const { promise, resolve, reject } = deferred<string>()
  const crowds: Caller[] = []
  const work = vi.fn((crowd: Caller) => {
    crowds.push(crowd)
    return promise
  })
  return {
    flights,
    work,
    crowds,
    resolve,
    reject,
    join: (caller: Caller = staying) => flights.run('lock', caller, work),
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
    expect(await flights.run('lock', staying, async () => 'anew')).toEqual({ value: 'anew', first: true })
  })

  it('gives its result to who comes in the same turn of the event loop, and to nobody after it', async () => {
    const { flights, resolve, join } = setUp()
    const first = join()
    resolve('done')
    await first
    expect(await join()).toEqual({ value: 'done', first: false })
    await new Promise((resume) => setImmediate(resume))
    expect(await flights.run('lock', staying, async () => 'anew')).toEqual({ value: 'anew', first: true })
  })

  it('answers a crowd in several turns, so that it holds up nobody else', async () => {
    const { flights, resolve, join } = setUp()
    let answered = 0
    const crowd = Array.from({ length: 100 }, () => join().finally(() => answered++))
    resolve('done')
    await Promise.all(crowd.slice(0, 1))
    const meanwhile = await new Promise((resume) => setImmediate(() => resume(answered)))
    expect(meanwhile).toBeLessThan(50)
    expect(await flights.run('lock', staying, async () => 'anew')).toEqual({ value: 'anew', first: true })
    expect(answered).toBeLessThan(100)
    const landed = await Promise.all(crowd)
    expect(landed.filter(({ first }) => first)).toEqual([{ value: 'done', first: true }])
  })

  it('lets who leaves while a crowd is answered go', async () => {
    const { crowds, resolve, join } = setUp()
    const leaving = new AbortController()
    const crowd = Array.from({ length: 50 }, () => join())
    const last = join(callerOf(leaving.signal))
    resolve('done')
    await crowd[0]
    leaving.abort(new Error('left'))
    await expect(last).rejects.toThrow('left')
    expect((await Promise.all(crowd)).map(({ value }) => value)).toEqual(crowd.map(() => 'done'))
    expect(crowds[0]?.left).toBe(false)
  })

  it('keeps other keys apart', async () => {
    const { flights, join, resolve } = setUp()
    const one = join()
    expect(await flights.run('other', staying, async () => 'other')).toEqual({ value: 'other', first: true })
    resolve('done')
    expect((await one).value).toBe('done')
  })

  it("does not cancel the others' work when the one who began it leaves", async () => {
    const { crowds, resolve, join } = setUp()
    const leaving = new AbortController()
    const [gone, stays] = [join(callerOf(leaving.signal)), join()]
    leaving.abort(new Error('left'))
    await expect(gone).rejects.toThrow('left')
    expect(crowds[0]?.left).toBe(false)
    resolve('done')
    expect(await stays).toEqual({ value: 'done', first: true })
  })

  it('aborts the work when the last one leaves; who comes then begins anew', async () => {
    const { flights, crowds, join } = setUp()
    const leaving = [new AbortController(), new AbortController()]
    const gone = leaving.map(({ signal }) => join(callerOf(signal)))
    for (const controller of leaving) controller.abort(new Error('left'))
    for (const call of gone) await expect(call).rejects.toThrow('left')
    expect(crowds[0]?.left).toBe(true)
    expect(await flights.run('lock', staying, async () => 'anew')).toEqual({ value: 'anew', first: true })
  })

  it('does nothing for who has left already', async () => {
    const { work, join } = setUp()
    await expect(join(callerOf(AbortSignal.abort(new Error('left'))))).rejects.toThrow('left')
    expect(work).not.toHaveBeenCalled()
  })
})
