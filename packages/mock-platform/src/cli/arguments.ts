import { parseArgs } from 'node:util'
import { SessionBackendError } from '@session-backend/core'
import type { CommandOptions, MockPlatformOptions } from '../options.ts'
import { splitCommand } from './split-command.ts'

export const HELP = `Usage: mock-platform --service name=command [options]

Runs the whole session backend platform on this machine. Backends are processes.

  --service name=command  A service and what its backends run; may be repeated.
                          The command is split as a shell does, without a shell.
  --port number           Default: 8080; 0 takes a free one.
  --host address          Default: 127.0.0.1. Whoever can connect and has the token can run the commands.
  --account name          Default: dev.
  --token token           The access token. Default: a random one, which is printed.
  --grace-period seconds  How long a backend may be idle, unless the spawn request says. Default: 300.
  --data-dir folder       Keeps the fencing tokens rising across restarts.
  --log-level level       silent, error, warn, info or debug. Default: info.
  --help, --version
`

/** The levels of \`--log-level\`. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

/** What the command line says. */
export interface Arguments {
  show?: 'help' | 'version'
  platform: MockPlatformOptions
  logLevel: (typeof LOG_LEVELS)[number]
}

/** Reads the command line. Throws `invalid_option`, which names the flag. */
export function parseArguments(args: string[]): Arguments {
  const values = parseFlags(args)
  const { account, token, host } = values
  const platform: MockPlatformOptions = {
    port: values.port === undefined ? 8080 : toNumber('port', values.port),
    host,
    account,
    token,
    services: Object.fromEntries((values.service ?? []).map(parseService)),
    gracePeriodSeconds:
      values['grace-period'] === undefined ? undefined : toNumber('grace-period', values['grace-period']),
    dataDir: values['data-dir'],
  }
  const logLevel = LOG_LEVELS.find((level) => level === (values['log-level'] ?? 'info'))
  if (!logLevel) throw invalid(`--log-level is one of ${LOG_LEVELS.join(', ')}.`)
  if (values.help) return { show: 'help', platform, logLevel }
  if (values.version) return { show: 'version', platform, logLevel }
  return { platform, logLevel }
}

function parseFlags(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        service: { type: 'string', multiple: true },
        port: { type: 'string' },
        host: { type: 'string' },
        account: { type: 'string' },
        token: { type: 'string' },
        'grace-period': { type: 'string' },
        'data-dir': { type: 'string' },
        'log-level': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    }).values
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error))
  }
}

function parseService(text: string): [string, CommandOptions] {
  const equals = text.indexOf('=')
  if (equals < 1) throw invalid(`--service takes name=command, not ${JSON.stringify(text)}.`)
  return [text.slice(0, equals), { command: splitCommand(text.slice(equals + 1)) }]
}

function toNumber(flag: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw invalid(`--${flag} takes a number, not ${JSON.stringify(text)}.`)
}

function invalid(message: string): SessionBackendError {
  return new SessionBackendError('invalid_option', message)
}
