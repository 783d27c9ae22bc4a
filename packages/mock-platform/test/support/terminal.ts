import { spawn as start } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'

/** The size of a terminal, in characters. */
export const [COLUMNS, ROWS] = [80, 24]

/** A command in its own terminal. */
export class Terminal {
  output = ''
  readonly exited: Promise<number | null>
  readonly #script

  constructor(command: string, folder: string) {
    // On a CI server, Node shows no colours, in a terminal either.
    const { CI: _, ...env } = process.env
    const PATH = `${join(folder, 'node_modules/.bin')}:${process.env.PATH}`
    // It belongs to util-linux, as flock does, and gives the command a terminal.
    const sized = `stty cols ${COLUMNS} rows ${ROWS} && exec ${command}`
    const args = ['--quiet', '--flush', '--return', '--command', sized, '/dev/null']
    const script = start('script', args, {
      cwd: folder,
      env: { ...env, TERM: 'xterm-256color', PATH },
      detached: true,
    })
    this.#script = script
    this.exited = once(script, 'exit').then(([code]) => code)
    script.stdin.on('error', () => {})
    script.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
    })
  }

  async url(): Promise<string> {
    await vi
      .waitUntil(() => /listens on http:\S+\s/.test(this.output), { timeout: 60_000 })
      .catch(() => {
        throw new Error(`It does not listen. It printed: ${this.output}`)
      })
    return /listens on (http:\S+)/.exec(this.output)?.[1] ?? ''
  }

  type(text: string): void {
    this.#script.stdin.write(text)
  }

  async close(): Promise<void> {
    if (this.#script.exitCode !== null || this.#script.signalCode !== null) return
    this.#script.kill('SIGKILL')
    await this.exited
  }
}

/** Opens a terminal that is closed after the test. */
export function openTerminal(command: string, folder: string): Terminal {
  const terminal = new Terminal(command, folder)
  onTestFinished(() => terminal.close())
  return terminal
}
