import { parseArgs } from 'node:util'
import { SessionBackendError } from '@session-backend/core'
import { invalidOption } from '@session-backend/core/internal'
import type { MockPlatformOptions, ServiceOptions } from '../options/options.ts'
import { splitCommand } from './split-command.ts'

export const HELP = `Usage: mock-platform --service name=command [options] [-- command]
       mock-platform check [options] -- command     Checks a backend; see mock-platform check --help.

Runs the whole session backend platform on this machine. Backends are processes, or containers. With a command, as in
mock-platform -- npm run dev, it also runs the app, which finds the platform by JAMSOCKET_API_URL, JAMSOCKET_ACCOUNT,
JAMSOCKET_TOKEN and, if there is one service, JAMSOCKET_SERVICE. It ends with the app, with its exit code.

  --service name=command  A service and the command that its backends run; may be repeated.
                          The command is split as in a shell, but no shell runs it; $PORT is the backend's port.
  --image name=image      A service whose backends are containers of this image, as docker pull takes it; may be
                          repeated. It needs Docker Engine on this machine.
  --registry-port number  Offers a registry for docker push; 0 picks a free port. A service without a command
                          or an image runs account/name from it. It needs Docker Engine and docker-registry.
  --watch path            A file or folder; may be repeated. When it changes, the backends of the services
                          given by --service stop gracefully.
  --warm number           How many backends of each service wait for a document.
                          The program must support warm pools. Default: 0.
  --static-token          One token for all users of a backend of these services, which finds it as
                          SESSION_BACKEND_STATIC_TOKEN and serves its pages below it.
  --config file           An ECMAScript module with the options as its default export; flags override it.
                          Default: mock-platform.config.js, .mjs, .ts or .mts in this folder, if there is one.
  --port number           Default: 8080; 0 picks a free port.
  --host address          Default: 127.0.0.1. Anyone who can connect and has the token can run the commands.
  --public-url url        What the URLs in answers begin with, as in https://platform.example. Default: the host and port;
                          with --host 0.0.0.0 this machine's address on its network.
  --dashboard-port number Default: the port plus 1, or a free port. The dashboard is for this machine only.
  --account name          Default: dev.
  --token token           The access token. Default: a random one, which is printed.
  --grace-period seconds  How long a backend may be idle, if the spawn request doesn't say. Default: 300.
  --start-timeout seconds How long a backend may take to listen on its port. Default: 30.
  --urls path|subdomain   Connection URLs below the platform's own, or an origin for each backend. Default: path.
  --data-dir folder       Keeps the fencing tokens rising across restarts, and keeps the registry's images.
  --log-level level       silent, error, warn, info or debug. Default: info.
  --help, --version
`

/** The levels of `--log-level`. */
const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

/** What the command line says. */
export interface CommandLine {
  show?: 'help' | 'version'
  /** What the flags say, without what a configuration file adds. */
  platform: MockPlatformOptions
  config: string | undefined
  /** The command after `--`, and its arguments. */
  app: readonly string[] | undefined
  logLevel: (typeof LOG_LEVELS)[number]
}

/** Reads the command line. Throws `invalid_option`, which names the flag. */
export function parseCommandLine(args: string[]): CommandLine {
  const [flags, app] = splitApp(args)
  const { service = [], image = [], watch, port, urls, ...values } = parseFlags(flags)
  const { 'static-token': staticToken, 'dashboard-port': dashboardPort } = values
  const warm = values.warm === undefined ? undefined : { warm: toNumber('warm', values.warm) }
  const { 'registry-port': registryPort, 'grace-period': gracePeriod } = values
  const { 'start-timeout': startTimeout } = values
  const platform: MockPlatformOptions = {
    ...(values.host !== undefined && { host: values.host }),
    ...(values['public-url'] !== undefined && { publicUrl: values['public-url'] }),
    ...(dashboardPort !== undefined && { dashboardPort: toNumber('dashboard-port', dashboardPort) }),
    ...(values.account !== undefined && { account: values.account }),
    ...(values.token !== undefined && { token: values.token }),
    ...(values['data-dir'] !== undefined && { dataDir: values['data-dir'] }),
    ...(port !== undefined && { port: toNumber('port', port) }),
    ...(registryPort !== undefined && { registryPort: toNumber('registry-port', registryPort) }),
    ...(gracePeriod !== undefined && { gracePeriodSeconds: toNumber('grace-period', gracePeriod) }),
    ...(startTimeout !== undefined && { startTimeoutSeconds: toNumber('start-timeout', startTimeout) }),
    ...(urls !== undefined && { urls: oneOf('urls', urls, ['path', 'subdomain']) }),
    services: byName([
      ...service.map((text) => parseService(text, { watch, staticToken, ...warm })),
      ...image.map((text) => parseImage(text, { staticToken, ...warm })),
    ]),
  }
  const logLevel = oneOf('log-level', values['log-level'] ?? 'info', LOG_LEVELS)
  const show = values.help ? 'help' : values.version ? 'version' : undefined
  return { ...(show && { show }), platform, config: values.config, app, logLevel }
}

/** The platform's own flags, and the command after `--`. */
function splitApp(args: string[]): [flags: string[], app: string[] | undefined] {
  const end = args.indexOf('--')
  if (end === -1) return [args, undefined]
  if (end === args.length - 1) throw invalidOption('--', 'followed by a command', '')
  return [args.slice(0, end), args.slice(end + 1)]
}

function parseFlags(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        service: { type: 'string', multiple: true },
        image: { type: 'string', multiple: true },
        'registry-port': { type: 'string' },
        watch: { type: 'string', multiple: true },
        config: { type: 'string' },
        urls: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
        'public-url': { type: 'string' },
        'dashboard-port': { type: 'string' },
        'static-token': { type: 'boolean' },
        warm: { type: 'string' },
        account: { type: 'string' },
        token: { type: 'string' },
        'grace-period': { type: 'string' },
        'start-timeout': { type: 'string' },
        'data-dir': { type: 'string' },
        'log-level': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    }).values
  } catch (error) {
    throw new SessionBackendError('invalid_option', error instanceof Error ? error.message : String(error))
  }
}

function byName(services: [string, ServiceOptions][]): Record<string, ServiceOptions> {
  const names = services.map(([name]) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return Object.fromEntries(services)
  throw invalidOption('--service', 'given once for each name, as must `--image`', twice)
}

function parseService(
  text: string,
  options: Pick<ServiceOptions, 'watch' | 'staticToken' | 'warm'>,
): [string, ServiceOptions] {
  const [name, command] = splitPair('service', text)
  return [name, { command: splitCommand(command), ...options }]
}

function parseImage(
  text: string,
  options: Pick<ServiceOptions, 'staticToken' | 'warm'>,
): [string, ServiceOptions] {
  const [name, image] = splitPair('image', text)
  return [name, { image, ...options }]
}

function splitPair(flag: 'service' | 'image', text: string): [string, string] {
  const equals = text.indexOf('=')
  if (equals >= 1) return [text.slice(0, equals), text.slice(equals + 1)]
  throw invalidOption(`--${flag}`, `name=${flag === 'service' ? 'command' : 'image'}`, text)
}

function oneOf<const Value extends string>(flag: string, text: string, values: readonly Value[]): Value {
  const value = values.find((each) => each === text)
  if (value !== undefined) return value
  throw invalidOption(`--${flag}`, `one of ${values.join(', ')}`, text)
}

function toNumber(flag: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw invalidOption(`--${flag}`, 'a number', text)
}
