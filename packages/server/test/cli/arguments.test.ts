import { expect, it } from 'vitest'
import { parseCommand } from '../../src/cli/arguments.ts'

it('reads the options of a roll-out', () => {
  const args = [
    'roll-out',
    '--tag',
    'v2',
    '--per-second',
    '0.5',
    '--document',
    'a',
    '--document',
    'b',
    '--api-version',
    '2',
  ]
  expect(parseCommand([...args, '--before', '2026-01-01T12:00:00Z', '--json'])).toEqual({
    name: 'roll-out',
    document: '',
    apiVersion: 2,
    json: true,
    rollOut: { tag: 'v2', perSecond: 0.5, documents: ['a', 'b'], before: new Date('2026-01-01T12:00:00Z') },
  })
})

it('restarts one backend a second, on v1, unless it is told otherwise', () => {
  expect(parseCommand(['roll-out'])).toMatchObject({ apiVersion: 1, rollOut: { perSecond: 1 } })
})

it.each([
  ['destroy', '`command` must be one of list, roll-out, logs, open, got "destroy".'],
  ['toString', '`command` must be one of list, roll-out, logs, open, got "toString".'],
  ['open', "`DOCUMENT` must be a document's id, got nothing."],
  ['open a b', "`open` doesn't take `b`."],
  // It would restart all others too.
  ['roll-out plan', "`roll-out` doesn't take `plan`. For one document: --document plan"],
  ['list --tag v2', "`list` doesn't take `--tag`."],
  ['logs a --json', "`logs` doesn't take `--json`."],
  ['list --api-version 3', '`--api-version` must be 1 or 2, got 3.'],
  ['roll-out --per-second fast', '`--per-second` must be a number above 0, got "fast".'],
  ['roll-out --before soon', '`--before` must be a time such as 2026-01-01T12:00:00Z, got "soon".'],
  ['roll-out --pace 5', "Unknown option '--pace'."],
])('refuses %j, and says why', (line, message) => {
  expect(() => parseCommand(line.split(' '))).toThrow(
    expect.objectContaining({ code: 'invalid_option', message }),
  )
})
