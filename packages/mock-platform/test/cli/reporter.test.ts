import { expect, it } from 'vitest'
import { createReporter } from '../../src/cli/reporter.ts'

const failed = {
  ...({ name: '8nyg2', backend: '8nyg2', service: 'editor', state: 'Failed' } as const),
  time: '2026-01-01T00:00:00Z',
  ...{ reason: 'It exited with code 1.', stderr: ['Error: \x1b[31mNo database\x1b[0m\x07'] },
}

function written(isTerminal: boolean): string {
  let text = ''
  const reporter = createReporter('info', isTerminal, (piece) => {
    text += piece
  })
  reporter.status(failed)
  reporter.status({ ...failed, state: 'Ready', reason: undefined, stderr: undefined })
  return text
}

it('tells people on a terminal in lines why a backend failed, without what could change the terminal', () => {
  expect(written(true).replace(/\d\d:\d\d:\d\d/g, '12:00:00')).toBe(
    [
      '12:00:00  editor 8nyg2  Failed: It exited with code 1.',
      '          | Error: No database',
      '12:00:00  editor 8nyg2  Ready',
      '',
    ].join('\n'),
  )
})

it('tells programs the same in JSON, an error as one', () => {
  const [first = '', second = ''] = written(false).split('\n')
  expect(JSON.parse(first)).toMatchObject({
    ...{ level: 50, msg: 'Failed', backend: '8nyg2', service: 'editor' },
    ...{ reason: failed.reason, stderr: [...failed.stderr] },
  })
  expect(JSON.parse(second)).toMatchObject({ level: 30, msg: 'Ready' })
  expect(JSON.parse(second)).not.toHaveProperty('reason')
})
