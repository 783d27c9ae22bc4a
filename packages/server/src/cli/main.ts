import { invalidOption, systemClock } from '@session-backend/core/internal'
import { check, oneOf } from '../common/checks.ts'
import type { RunningBackend } from '../common/platform.ts'
import type { Jamsocket } from '../jamsocket/client.ts'
import { jamsocket } from '../jamsocket.ts'
import { defaultLock } from '../request/lock.ts'
import { listBackends, type RollOutOptions, type RollOutReport, rollOut } from '../rollout/roll-out.ts'
import { type Command, parseCommand, USAGE } from './arguments.ts'

const runs: Record<string, (platform: Jamsocket, command: Command) => Promise<void>> = {
  async list(platform, { json }) {
    const backends = await listBackends(platform)
    console.log(json ? JSON.stringify(backends) : tableOf(backends))
  },

  async 'roll-out'(platform, { json, rollOut: options }) {
    const report = await rollOut({ platform, lock: defaultLock(platform.service), clock: systemClock }, {
      ...options,
      onProgress: json ? undefined : (progress) => console.error(lineOf(progress)),
    } satisfies RollOutOptions)
    if (json)
      console.log(JSON.stringify(report, (_, value) => (value instanceof Error ? value.message : value)))
    else console.log(`${lineOf(report)} To resume: --before ${report.before.toISOString()}`)
    for (const { name, error } of json ? [] : report.failed) console.error(`${name}: ${messageOf(error)}`)
    if (report.failed.length > 0) process.exitCode = 1
  },

  async logs(platform, command) {
    const { name } = await platform.fetch({ lock: lockOf(platform, command) })
    for await (const line of platform.logs(name)) console.log(line)
  },

  async open(platform, command) {
    console.log((await platform.fetch({ lock: lockOf(platform, command) })).url)
  },
}

function lockOf({ service }: Jamsocket, { document }: Command): string {
  if (document === undefined) throw invalidOption('DOCUMENT', "a document's id", document, 'nothing')
  return defaultLock(service)({ documentId: document })
}

function tableOf(backends: readonly RunningBackend[]): string {
  const head = ['LOCK', 'NAME', 'STATUS', 'SINCE', 'TAG', 'CONNECTIONS']
  const rows = backends.map(({ lock = '-', name, status, since, tag, connections = '?' }) => [
    ...[lock, name, status, since, tag === undefined ? '?' : (tag ?? '-'), String(connections)],
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function lineOf({ total, restarted, upToDate, failed }: RollOutReport): string {
  return `${restarted} restarted, ${upToDate} up to date, ${failed.length} failed, of ${total}.`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function run(): Promise<void> {
  const command = parseCommand(process.argv.slice(2))
  const { name, apiVersion } = command
  const runCommand = name !== undefined && Object.hasOwn(runs, name) && runs[name]
  if (!runCommand) {
    console.error(USAGE)
    if (name !== undefined) process.exitCode = 2
    return
  }
  check('--api-version', apiVersion, oneOf(1, 2))
  const platform = jamsocket.fromEnv(process.env, { apiVersion: apiVersion === 2 ? 2 : 1 })
  try {
    await runCommand(platform, command)
  } finally {
    await platform.close()
  }
}

run().catch((error: unknown) => {
  console.error(`session-backend: ${messageOf(error)}`)
  process.exitCode = 1
})
