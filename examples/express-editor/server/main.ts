/** The command line: see `HELP`. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { endOnSignal } from '@session-backend/mock-platform'
import { copySampleFolder } from './sample-folder.ts'
import { DEFAULT_STATE_FOLDER, start } from './start.ts'

const HELP = `Usage: npm start -- [folder] [options]

Serves an editor of the folder's Markdown files on this machine. Without a folder: of a copy of some sample files.

  --port <number>         the page's port; 0 takes a free one (3000, or a free one)
  --grace-period <s>      how long a backend waits after the last browser has left (10)
  --state <folder>        where the edit history is kept (.state in the example's folder)
  --plane <url>           run the backends on the Plane whose controller is there
  --image <name>          the backend's image on that Plane (editor)
  --help                  shows this`

main().catch((error: unknown) => {
  // What comes from the command line is for the user to fix: a stack would hide it.
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      'grace-period': { type: 'string' },
      state: { type: 'string' },
      plane: { type: 'string' },
      image: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(HELP)
  if (positionals.length > 1)
    throw new Error(`Give at most one folder, got ${positionals.length}: ${positionals.join(', ')}.`)
  const port = wholeNumber('port', values.port, 65_535)
  const gracePeriodSeconds = wholeNumber('grace-period', values['grace-period'], 86_400)
  const stateFolder = values.state === undefined ? DEFAULT_STATE_FOLDER : resolve(values.state)
  // npm runs scripts in the package's folder; INIT_CWD is where the user stands.
  const folder =
    positionals[0] === undefined
      ? await copySampleFolder(stateFolder)
      : resolve(process.env.INIT_CWD ?? '.', positionals[0])
  const example = await start({
    folder,
    stateFolder,
    ...(port !== undefined && { port }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(values.plane !== undefined && {
      plane: { controllerUrl: values.plane, image: values.image ?? 'editor' },
    }),
  })

  console.log(`
  Editing the Markdown files of ${folder}

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
