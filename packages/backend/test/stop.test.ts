import { once } from 'node:events'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startFixture } from './support/program.ts'

async function stopFixture(mode: string, signals: readonly NodeJS.Signals[] = ['SIGTERM']) {
  const program = await startFixture('stop', { MODE: mode })
  await program.printed(/running/)
  for (const signal of signals) program.child.kill(signal)
  return program
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  'does all work in its order on %s, and exits with 0',
  async (signal) => {
    const { exited, lines } = await stopFixture('works', [signal])
    expect(await exited).toEqual({ code: 0, signal: null })
    expect(lines).toEqual(['running true', 'first', 'second'])
  },
)

it('treats signals that come together as one', async () => {
  const { child, exited, lines, printed } = await stopFixture('takes a while', ['SIGINT', 'SIGTERM'])
  await printed(/first/)
  child.kill('SIGINT')
  expect(await exited).toEqual({ code: 0, signal: null })
  expect(lines).toEqual(['running true', 'first', 'second'])
})

it('does the rest when one work fails, says what failed, and exits with 1', async () => {
  const { exited, lines } = await stopFixture('fails')
  expect(await exited).toEqual({ code: 1, signal: null })
  expect(lines).toContain('second')
  expect(lines.join('\n')).toContain('Stopping failed: Error: The disk is full.')
})

it('exits at once on a signal that comes later', async () => {
  const { child, exited, printed, lines } = await stopFixture('hangs')
  await printed(/first/)
  // A signal within a second is the same request; the clock of the other process decides.
  const again = setInterval(() => child.kill('SIGINT'), 200)
  expect(await exited).toEqual({ code: 1, signal: null })
  clearInterval(again)
  expect(lines).not.toContain('second')
})

it('abandons work that hangs before the platform kills, says so, and exits with 1', async () => {
  const startedAt = performance.now()
  const { exited, lines } = await stopFixture('hangs')
  expect(await exited).toEqual({ code: 1, signal: null })
  expect(performance.now() - startedAt).toBeLessThan(20_000)
  expect(lines.at(-1)).toBe('Stopping took longer than 9500 ms. The process exits without finishing.')
}, 30_000)

it('abandons a save that hangs before the platform kills the process, says since when changes are unsaved, and exits with 1', async () => {
  const { child, exited, lines, printed } = await startFixture('hanging-save')
  const page = new WebSocket(`ws://127.0.0.1:${await printed(/listening on (\d+)/)}`)
  const closed = once(page, 'close')
  await once(page, 'open')
  page.send('a change')
  await once(page, 'message')
  const changedBefore = Date.now()

  child.kill('SIGTERM')
  const askedAt = performance.now()
  expect((await closed)[0]).toBe(1012)
  expect(await exited).toEqual({ code: 1, signal: null })
  expect(performance.now() - askedAt).toBeLessThan(20_000)
  const said = /Changes since (\S+) could not be saved: the storage did not answer in time\./
  const [, since = ''] = said.exec(lines.join('\n')) ?? expect.fail(lines.join('\n'))
  expect(changedBefore - Date.parse(since)).toBeLessThan(20_000)
}, 30_000)
