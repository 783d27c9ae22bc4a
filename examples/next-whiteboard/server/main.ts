/** The command line: `node dist/main.js [--port 3000] [--grace-period 10] [--state folder]` */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { start } from './start.ts'

main().catch((error: unknown) => {
  // What comes from the command line is for the user to mend: a stack would hide it.
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})

async function main() {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, 'grace-period': { type: 'string' }, state: { type: 'string' } },
  })
  const example = await start({
    ...(values.port !== undefined && { port: Number(values.port) }),
    ...(values['grace-period'] !== undefined && { gracePeriodSeconds: Number(values['grace-period']) }),
    ...(values.state !== undefined && { stateFolder: resolve(values.state) }),
  })

  console.log(`
  A whiteboard, on Next.js

  ${example.url}

  Open it in two windows. Ctrl-C stops everything.
`)

  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, async () => {
      if (stopping) process.exit(1)
      stopping = true
      console.log('Stopping: the backends save what is open.')
      await example.close()
      process.exit(0)
    })
  }
}
