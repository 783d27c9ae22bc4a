import { describe, expect, it } from 'vitest'
import { LockTable, serviceKey, sharedLock } from '../../src/backends/lock-table.ts'

describe('the table of locks', () => {
  it('gives a lock to one holder at a time', () => {
    const locks = new LockTable<string>(0)
    locks.grant('doc', 'first')
    expect(() => locks.grant('doc', 'second')).toThrow('held')
    expect(locks.holder('doc')).toBe('first')
    locks.release('doc', 'first')
    locks.grant('doc', 'second')
    expect(locks.holder('doc')).toBe('second')
  })

  it('frees a lock only for its current holder, not for an earlier one', () => {
    const locks = new LockTable<string>(0)
    locks.grant('doc', 'first')
    locks.release('doc', 'first')
    locks.grant('doc', 'second')
    locks.release('doc', 'first')
    expect(locks.holder('doc')).toBe('second')
  })

  it('gives tokens that rise above those of the platform before', () => {
    const locks = new LockTable<string>(41)
    expect([locks.nextToken(), locks.nextToken(), locks.lastToken]).toEqual([42, 43, 43])
  })

  it('refuses to give a token that would repeat', () => {
    const locks = new LockTable<string>(Number.MAX_SAFE_INTEGER - 1)
    expect(locks.nextToken()).toBe(Number.MAX_SAFE_INTEGER)
    expect(() => locks.nextToken()).toThrow('There is no higher fencing token.')
  })

  it('never confuses a lock of v1 with a key of v2', () => {
    expect(sharedLock('service/editor/doc')).not.toBe(serviceKey('editor', 'doc'))
  })
})
