import { describe, expect, it } from 'vitest'
import { parseCheckLine } from '../../src/cli/check-line.ts'

describe('the command line of mock-platform check', () => {
  it('takes everything behind -- as the command', () => {
    const { subject, names } = parseCheckLine(['--path', '/ws', '--', 'node', 'backend.mjs', '--path', 'x'])
    expect(subject).toMatchObject({ command: ['node', 'backend.mjs', '--path', 'x'], path: '/ws', env: {} })
    expect(names).toContain('ready')
  })

  it('reads who connects, what is sent, and the variables', () => {
    const line = parseCheckLine([
      ...['--user', 'ada', '--auth', '{"role":"editor"}', '--message', '["draw",{"x":1}]'],
      ...['--env', 'FOLDER=/tmp/{document}', '--env', 'EMPTY=', '--', 'node'],
    ])
    expect(line.message).toEqual({ name: 'draw', content: { x: 1 } })
    expect(line.subject).toMatchObject({
      user: 'ada',
      auth: { role: 'editor' },
      env: { FOLDER: '/tmp/{document}', EMPTY: '' },
    })
  })

  it('runs the checks of --only without those of --skip, in the usual order', () => {
    const line = parseCheckLine([
      '--only',
      'stop',
      '--only',
      'ready',
      '--only',
      'warm',
      '--skip',
      'warm',
      '--',
      'x',
    ])
    expect(line).toMatchObject({ names: ['ready', 'stop'], isStrict: true })
  })

  it.each([
    ['`--` must be followed by the command', []],
    ['`--` must be followed by the command', ['--']],
    ["'--path", ['--path']],
    ["Unknown option '--paths'", ['--paths', '/', '--', 'x']],
    ['`--only` must be one of ready, ', ['--only', 'nothing', '--', 'x']],
    ['`--skip` must be one of ready, ', ['--skip', 'nothing', '--', 'x']],
    ['`--message` must be a JSON array', ['--message', '{"draw":1}', '--', 'x']],
    ['`--edits` must be left out', ['--message', '["draw"]', '--edits', 'edits.mjs', '--', 'x']],
    ['`--auth` must be a JSON object', ['--auth', 'editor', '--', 'x']],
    ['`--env` must be NAME=value', ['--env', 'FOLDER', '--', 'x']],
    ['`--start-timeout` must be a number of seconds', ['--start-timeout', 'soon', '--', 'x']],
  ])('is refused with %s', (message, args) => {
    expect(() => parseCheckLine(args)).toThrow(message)
  })
})
