import { readFile } from 'node:fs/promises'
import { SessionBackendError } from '@session-backend/core'
import { endOnSignal } from '../end-on-signal.ts'
import { readConfig } from '../options/config.ts'
import { createMockPlatform } from '../platform.ts'
import { type CommandLine, HELP, parseCommandLine } from './command-line.ts'
import { createReporter } from './reporter.ts'

/** The program `mock-platform`. */
export async function run(args: string[]): Promise<void> {
  try {
    const parsed = parseCommandLine(args)
    if (parsed.show === 'help') process.stdout.write(HELP)
    else if (parsed.show === 'version') process.stdout.write(`${await ownVersion()}\n`)
    else await start(parsed)
  } catch (error) {
    process.stderr.write(`mock-platform: ${describe(error)}\n`)
    process.exitCode = error instanceof SessionBackendError ? 2 : 1
  }
}

/** A port that does not change, for a program that is started by hand. */
const DEFAULT_PORT = 8080

async function start({ platform: flags, config: path, logLevel }: CommandLine): Promise<void> {
  const config = path === undefined ? {} : await readConfig(path)
  const services = { ...config.services, ...flags.services }
  const options = { port: DEFAULT_PORT, ...config, ...flags, services }
  const reporter = createReporter(logLevel, process.stderr.isTTY === true)
  const platform = await createMockPlatform({
    ...options,
    onStatus(report) {
      config.onStatus?.(report)
      reporter.status(report)
    },
    onProblem(problem) {
      config.onProblem?.(problem)
      reporter.problem(problem)
    },
  })
  process.stdout.write(`mock-platform listens on ${platform.url}\n`)
  if (platform.publicUrl !== platform.url)
    process.stdout.write(`for other devices at ${platform.publicUrl}\n`)
  process.stdout.write(`dashboard at ${platform.dashboardUrl}\n`)
  if (platform.registry !== undefined) process.stdout.write(`registry at ${platform.registry}\n`)
  if (options.token === undefined) {
    process.stdout.write(`account ${platform.account}, token ${platform.token}\n`)
  }
  endOnSignal(platform.close, {
    onEnding: () => reporter.info('Stopping the backends. Press Ctrl-C again to kill them.'),
  })
}

async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
  return version
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'EADDRINUSE') return `${error.message}. Use another --port.`
  return error.message
}
