import { describe, expect, it } from 'vitest'
import { splitCommand } from '../../src/cli/split-command.ts'

describe('a command', () => {
  it.each([
    ['node backend.js', ['node', 'backend.js']],
    ['node "my file.js" --x=\'a b\'', ['node', 'my file.js', '--x=a b']],
    ['node a\\ b.js', ['node', 'a b.js']],
    ['node $FILE', ['node', 'from-env.js']],
    ["node '$FILE'", ['node', '$FILE']],
    ['serve --port=$PORT -l $PORT', ['serve', '--port=$PORT', '-l', '$PORT']],
    ["sh -c 'exec serve --port=$PORT'", ['sh', '-c', 'exec serve --port=$PORT']],
  ])('%s is split as a shell does', (command, words) => {
    expect(splitCommand(command, { FILE: 'from-env.js' })).toEqual(words)
  })

  it.each([
    ['a | b', 'without the operator |'],
    ['a && b', 'without the operator &&'],
    ['a > file', 'without the operator >'],
    ['ls *.js', 'without the pattern *.js'],
    ['a # b', 'without a comment, which needs a shell'],
    ['', '`--service` must be a command that is not empty, got "".'],
  ])('%s is refused', (command, message) => {
    expect(() => splitCommand(command)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(message) }),
    )
  })
})
