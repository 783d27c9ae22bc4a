import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createReporter, type Reporter } from '../../src/cli/reporter.ts'

const backend = { name: '8nyg2', service: 'editor' }
const failed = {
  ...({ ...backend, backend: '8nyg2', state: 'Failed' } as const),
  time: '2026-01-01T00:00:00Z',
  ...{ reason: 'It exited with code 1.', stderr: ['Error: \x1b[31mNo database\x1b[0m\x07'] },
}

/** What is written to stdout and to stderr. */
function written(report: (reporter: Reporter) => void, { isTerminal = false, hasColors = false }) {
  const texts = { stdout: '', stderr: '' }
  const output = (name: keyof typeof texts) => ({
    ...{ isTerminal, hasColors },
    write: (piece: string) => {
      texts[name] += piece
    },
  })
  report(createReporter('info', { stdout: output('stdout'), stderr: output('stderr') }))
  return texts
}

function reportStatuses(reporter: Reporter) {
  reporter.status(failed)
  reporter.status({ ...failed, lock: 'plan', state: 'Ready', reason: undefined, stderr: undefined })
}

it('tells people on a terminal in lines why a backend failed, without what could change the terminal', () => {
  const { stderr } = written(reportStatuses, { isTerminal: true })
  expect(stderr.replace(/\d\d:\d\d:\d\d/g, '12:00:00')).toBe(
    [
      '12:00:00  editor 8nyg2  Failed: It exited with code 1.',
      '          | Error: No database',
      '12:00:00  plan  Ready',
      '',
    ].join('\n'),
  )
})

it('tells programs the same in JSON, an error as one', () => {
  const [first = '', second = ''] = written(reportStatuses, {}).stderr.split('\n')
  expect(JSON.parse(first)).toMatchObject({
    ...{ level: 50, msg: 'Failed', backend: '8nyg2', service: 'editor' },
    ...{ reason: failed.reason, stderr: [...failed.stderr] },
  })
  expect(JSON.parse(second)).toMatchObject({ level: 30, msg: 'Ready', lock: 'plan' })
  expect(JSON.parse(second)).not.toHaveProperty('reason')
})

describe('a line that was printed', () => {
  const line = '\x1b[32mok\x1b[2J\x07 \x1b]0;title\x07done'
  const report = (reporter: Reporter) => {
    reporter.log({ ...backend, lock: 'plan', line })
    reporter.app(line)
  }

  it('has the name of its document, or of the app, for people; a backend writes to stderr, the app to stdout', () => {
    expect(written(report, { isTerminal: true })).toEqual({
      stdout: 'app │ ok done\n',
      stderr: 'plan │ ok done\n',
    })
  })

  it('keeps its colours on a terminal that has some, and nothing else that could change the terminal', () => {
    const { stdout, stderr } = written(report, { isTerminal: true, hasColors: true })
    const colored = '\x1b[32mok done\x1b[0m'
    expect([stdout, stderr].map(stripVTControlCharacters)).toEqual(['app │ ok done\n', 'plan │ ok done\n'])
    expect([stdout, stderr].map((text) => text.split('│ ')[1])).toEqual([`${colored}\n`, `${colored}\n`])
  })

  it('is JSON for programs, whole', () => {
    const { stdout, stderr } = written(report, {})
    expect(JSON.parse(stdout)).toMatchObject({ source: 'app', msg: line })
    expect(JSON.parse(stderr)).toMatchObject({ source: 'backend', backend: '8nyg2', lock: 'plan', msg: line })
  })
})
