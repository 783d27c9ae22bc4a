import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SpawnLedger } from '../../src/sessions/spawn-ledger.ts'

describe('the ledger', () => {
  it('counts a spawn from before it is made until its backend has ended', () => {
    const ledger = new SpawnLedger()
    const { settle } = ledger.reserve('lock', 'ann', 0)
    expect([ledger.running, ledger.isUnderWay('lock')]).toEqual([1, true])
    settle('b1')
    expect([ledger.running, ledger.isUnderWay('lock')]).toEqual([1, false])
    ledger.ended('b1')
    expect(ledger.running).toBe(0)
  })

  it('counts the backend of a lock once while it is asked for again, and its successor until it ends itself', () => {
    const ledger = new SpawnLedger()
    ledger.reserve('lock', 'ann', 0).settle('b1')
    const again = ledger.reserve('lock', 'ann', 1)
    expect(ledger.running).toBe(1)
    again.settle('b2')
    ledger.ended('b1')
    ledger.reserve('lock', 'ann', 2)
    expect(ledger.running).toBe(1)
    ledger.ended('b2')
    expect(ledger.running).toBe(1)
  })

  it('forgets spawns that are older than who asks cares for', () => {
    const ledger = new SpawnLedger()
    for (const time of [0, 10, 20]) ledger.reserve(`lock ${time}`, 'ann', time).settle(`b${time}`)
    expect(ledger.since(5, 'ann')).toEqual([10, 20])
    expect(ledger.since(5, 'ben')).toEqual([])
    expect(ledger.since(-1, 'ann')).toEqual([10, 20])
  })

  it('is even when everything is settled and has ended, in whatever order', () => {
    const spawn = fc.record({ lock: fc.constantFrom('a', 'b', 'c'), made: fc.boolean() })
    fc.assert(
      fc.property(fc.array(spawn, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (spawns, dice) => {
        const ledger = new SpawnLedger()
        const open = spawns.map(({ lock, made }, index) => ({
          name: made ? `b${index}` : undefined,
          ...ledger.reserve(lock, 'ann', index),
        }))
        expect(ledger.running).toBe(new Set(spawns.map(({ lock }) => lock)).size)
        while (open.length > 0) {
          const [{ settle, name } = expect.fail()] = open.splice((dice.next().value ?? 0) % open.length, 1)
          settle(name)
          expect(ledger.running).toBeGreaterThanOrEqual(0)
        }
        const made = spawns.flatMap(({ made }, index) => (made ? [`b${index}`] : []))
        expect([ledger.running, ledger.since(-1, 'ann').length]).toEqual([made.length, made.length])
        for (const name of made) ledger.ended(name)
        expect(ledger.running).toBe(0)
      }),
    )
  })
})
