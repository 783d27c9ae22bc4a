/** The command line: see `HELP`. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { endOnSignal } from '@session-backend/mock-platform'
import { start } from './start.ts'

const HELP = `Usage: npm run start:whiteboard -- [options]

Serves whiteboards on this machine.

  --port <number>         the page's port; 0 takes a free one (3000, or a free one)
  --grace-period <s>      how long a backend waits after the last browser has left (10)
  --state <folder>        where boards are kept (.state in the example's folder)
  --help                  shows this`

main().catch((error: unknown) => {
  // What comes from the command line is for the user to fix: a stack would hide it.
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})

async function main() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'grace-period': { type: 'string' },
      state: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(HELP)
  const port = wholeNumber('port', values.port, 65_535)
  const gracePeriodSeconds = wholeNumber('grace-period', values['grace-period'], 86_400)
  const example = await start({
    ...(port !== undefined && { port }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(values.state !== undefined && { stateFolder: resolve(values.state) }),
  })

  console.log(`
  A whiteboard, on Next.js

  ${example.url}

  Open it in two windows. Ctrl-C stops everything.
`)

  endOnSignal(
    async () => {
      await example.close()
      process.exit(0)
    },
    { onEnding: () => console.log('Stopping: the backends save what is open.') },
  )
}

/** Reads a flag's value as a number. */
function wholeNumber(flag: string, value: string | undefined, max: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value) && Number(value) <= max) return Number(value)
  throw new Error(`--${flag} must be a whole number from 0 to ${max}, got ${value || 'nothing'}.`)
}
