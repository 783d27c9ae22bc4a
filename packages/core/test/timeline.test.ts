import { describe, expect, it } from 'vitest'
import { parseTimeline } from '../src/timeline.ts'

// PROTOCOL.md, "The timeline".
describe('parseTimeline', () => {
  const statuses = [
    { state: 'Loading', time: '2026-01-01T12:00:00.000Z', elapsed: 0 },
    { state: 'ErrorStarting', time: '2026-01-01T12:00:00.850Z', elapsed: 850 },
  ]

  it('reads the statuses, and the log where there is one', () => {
    expect(parseTimeline({ backend: '8nyg2', statuses, more: 1 })).toEqual({ backend: '8nyg2', statuses })
    const failed = { backend: '8nyg2', statuses, log: ['no such file'] }
    expect(parseTimeline(failed)).toEqual(failed)
  })

  it.each([
    undefined,
    null,
    [],
    {},
    { backend: 1, statuses },
    { backend: 'b', statuses: {} },
    { backend: 'b', statuses: [null] },
    { backend: 'b', statuses: [{ ...statuses[0], state: 'Nonsense' }] },
    { backend: 'b', statuses: [{ ...statuses[0], elapsed: '0' }] },
  ])('takes %j for none', (value) => {
    expect(parseTimeline(value)).toBeUndefined()
  })

  it('leaves out an invalid log', () => {
    expect(parseTimeline({ backend: 'b', statuses, log: [1] })).toEqual({ backend: 'b', statuses })
  })
})
