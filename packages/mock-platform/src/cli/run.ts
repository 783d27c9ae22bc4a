import { readFile } from 'node:fs/promises'
import { SessionBackendError } from '@session-backend/core'
import { DEVELOPMENT } from '@session-backend/core/internal'
import { endOnSignal } from '../end-on-signal.ts'
import { findConfig, readConfig } from '../options/config.ts'
import type { MockPlatformOptions } from '../options/options.ts'
import { createMockPlatform, type MockPlatform } from '../platform.ts'
import { isPortTaken } from '../server/listen.ts'
import { startApp } from './app.ts'
import { banner, plainBanner } from './banner.ts'
import { type CommandLine, HELP, parseCommandLine } from './command-line.ts'
import { developmentOptions } from './development.ts'
import { createReporter, type Output } from './reporter.ts'

/** The program `mock-platform`. */
export async function run(args: string[]): Promise<void> {
  try {
    if (args[0] === 'check')
      return await (await import('./check.ts')).runCheck(args.slice(1), await ownPackage())
    const parsed = parseCommandLine(args)
    if (parsed.show === 'help') process.stdout.write(HELP)
    else if (parsed.show === 'version') process.stdout.write(`${(await ownPackage()).version}\n`)
    else await start(parsed)
  } catch (error) {
    process.stderr.write(`mock-platform: ${describe(error)}\n`)
    process.exitCode = error instanceof SessionBackendError ? 2 : 1
  }
}

/** A port that does not change, for a program that is started by hand. */
const DEFAULT_PORT = DEVELOPMENT.port
/** How long the app may take to end by itself, in ms. */
const END_LIMIT = 10_000

async function start({ platform: flags, config: path, app: command, logLevel }: CommandLine): Promise<void> {
  const file = path ?? findConfig('.')
  const config = file === undefined ? {} : await readConfig(file)
  const services = { ...config.services, ...flags.services }
  const given = { ...config, ...flags, services }
  const options = { ...developmentOptions(process.env, given), ...given }
  const outputs = { stdout: outputOf(process.stdout), stderr: outputOf(process.stderr) }
  const reporter = createReporter(logLevel, outputs)
  const open = command && options.port === undefined ? openNearDefaultPort : createMockPlatform
  const platform = await open({
    port: DEFAULT_PORT,
    ...options,
    onStatus(report) {
      config.onStatus?.(report)
      reporter.status(report)
    },
    onLog(line) {
      config.onLog?.(line)
      reporter.log(line)
    },
    onProblem(problem) {
      config.onProblem?.(problem)
      reporter.problem(problem)
    },
  })
  const about = { services: Object.keys(services), showsToken: options.token === undefined }
  const onEnding = () => reporter.info('Stopping the backends. Press Ctrl-C again to kill them.')
  const { isTerminal, hasColors } = outputs.stdout
  if (isTerminal) process.stdout.write(banner(platform, { ...about, hasColors }))
  else if (!command) process.stdout.write(plainBanner(platform, about))
  else {
    const { url, publicUrl, dashboardUrl: dashboard } = platform
    reporter.info(`mock-platform listens on ${url}`, { dashboard, ...(publicUrl !== url && { publicUrl }) })
  }
  if (!command) return endOnSignal(platform.close, { onEnding })

  const env = { ...appEnvironment(platform, about.services), ...(hasColors && colorEnvironment()) }
  const app = await startApp(command, env, reporter.app)
  endOnSignal(
    async (signal) => {
      app.signal(signal)
      const timer = setTimeout(() => app.signal('SIGKILL'), END_LIMIT)
      await app.ended
      clearTimeout(timer)
    },
    { onEnding },
  )
  try {
    process.exitCode = await app.ended
  } finally {
    await platform.close()
  }
}

/**
 * The app is told where the platform is, so it doesn't have to be the usual port: several apps can run at the
 * same time.
 */
async function openNearDefaultPort(options: MockPlatformOptions): Promise<MockPlatform> {
  try {
    return await createMockPlatform(options)
  } catch (error) {
    if (!isPortTaken(error)) throw error
    return createMockPlatform({ ...options, port: 0 })
  }
}

/** The app writes to a pipe, and would leave out the colours that the terminal can show. */
function colorEnvironment(): Record<string, string> {
  return process.env.FORCE_COLOR === undefined ? { FORCE_COLOR: '1' } : {}
}

/** Everything by which an app finds the platform. With several services, the app says which one it means. */
function appEnvironment({ account, token, url }: MockPlatform, services: string[]): Record<string, string> {
  const [service = ''] = services
  return {
    ...(services.length === 1 && { JAMSOCKET_SERVICE: service }),
    JAMSOCKET_ACCOUNT: account,
    JAMSOCKET_TOKEN: token,
    JAMSOCKET_API_URL: url,
    // The URL is the one above, not the usual one of this machine.
    JAMSOCKET_DEV: 'false',
  }
}

function outputOf(stream: NodeJS.WriteStream): Output {
  const isTerminal = stream.isTTY === true
  return { isTerminal, hasColors: isTerminal && stream.hasColors(), write: (text) => stream.write(text) }
}

async function ownPackage(): Promise<{ version: string; repository: { url: string } }> {
  return JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return isPortTaken(error) ? `${error.message}. Use another --port.` : error.message
}
