// @ts-check
// Programs that end with us, however we end: a shell in its own session watches its input, whose end is ours.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Starts the program, waits for its end or for ours, then cleans up. */
const SCRIPT = `
exec 3<&0
cleanup=$1
shift
"$@" </dev/null 3<&- &
program=$!
# Nobody may be left to read.
exec >/dev/null 2>&1
{
  read -r _ <&3
  kill -s TERM "$program"
  tries=0
  while kill -s 0 "$program" && [ $tries -lt 200 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -s KILL "$program"
} &
watcher=$!
wait "$program"
kill "$watcher"
eval "$cleanup"
`

/**
 * @typedef {object} Supervised
 * @property {Promise<void>} exited Resolves when it has ended and everything of it is removed.
 * @property {() => string} output What it has written so far.
 * @property {() => Promise<void>} stop Ends it: SIGTERM, and SIGKILL after 20 s.
 */

/**
 * Starts a program.
 * @param {string[]} command
 * @param {string} cleanup What a shell does when the program has ended.
 * @returns {Supervised}
 */
export function supervise(command, cleanup = ':') {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'supervise', cleanup, ...command], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let output = ''
  for (const source of [shell.stdout, shell.stderr]) {
    source.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-20_000)
    })
  }
  shell.stdin.on('error', () => {})
  const exited = once(shell, 'exit').then(() => {})
  return {
    exited,
    output: () => output,
    async stop() {
      shell.stdin.end()
      await exited
    },
  }
}

/**
 * Waits until a program is of use.
 * @param {string} name
 * @param {Supervised} program
 * @param {() => Promise<boolean>} isReady
 */
export async function whenReady(name, program, isReady) {
  let ended = false
  program.exited.then(() => {
    ended = true
  })
  const deadline = performance.now() + 60_000
  while (!(await isReady())) {
    if (ended || performance.now() > deadline) {
      await program.stop()
      throw new Error(`${name} did not start. The last that it wrote:\n${program.output().slice(-3_000)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A word of a shell. @param {string} text */
export function quote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
