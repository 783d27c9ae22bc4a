import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Log, MAX_LINE_LENGTH, MAX_LOG } from '../../src/backends/log.ts'

function linesOf(...texts: string[]): string[] {
  const log = new Log()
  for (const text of texts) log.write(text)
  log.end()
  return log.lines.values
}

describe('a log', () => {
  it('has whole lines, however they arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.nat()), (lines, cuts) => {
        const text = lines.map((line) => `${line}\n`).join('')
        const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
        const pieces = at.slice(1).map((end, i) => text.slice(at[i], end))
        expect(linesOf(...pieces)).toEqual(linesOf(text))
      }),
    )
  })

  it('does not mix lines of two sources', () => {
    const log = new Log()
    log.write('from o', 'stdout')
    log.write('from error\n', 'stderr')
    log.write('ut\n', 'stdout')
    expect(log.lines.values).toEqual(['from error', 'from out'])
  })

  it('keeps the last lines, and cuts long ones: its memory is bounded', () => {
    for (const length of [0, 50, MAX_LINE_LENGTH]) {
      const log = new Log()
      for (let i = 0; i < 4_000; i++)
        log.write(`${i} ${'x'.repeat(length)}`.slice(0, MAX_LINE_LENGTH).concat('\n'))
      const lines = log.lines.values
      expect(lines.at(-1)).toMatch(/^3999 /)
      expect(lines.join('').length).toBeLessThan(MAX_LOG)
      expect([lines.length > 100, lines.length < 3_000]).toEqual([true, true])
    }
    const long = linesOf('x'.repeat(MAX_LINE_LENGTH * 2 + 1))
    expect(long.map((line) => line.length)).toEqual([MAX_LINE_LENGTH, MAX_LINE_LENGTH, 1])
  })

  it('keeps what was not yet a whole line when the backend ended', () => {
    expect(linesOf('a\nlast words')).toEqual(['a', 'last words'])
  })
})
