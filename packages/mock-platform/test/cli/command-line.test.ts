import { describe, expect, it } from 'vitest'
import { parseCommandLine } from '../../src/cli/command-line.ts'

describe('the command line', () => {
  it('sets no option without a flag, so that a configuration file can', () => {
    expect(parseCommandLine([])).toEqual({ platform: { services: {} }, config: undefined, logLevel: 'info' })
  })

  it('has a flag for each option', () => {
    const flags = {
      ...{ host: '0.0.0.0', port: '0', account: 'acme', token: 'sekret', urls: 'subdomain' },
      ...{ 'public-url': 'https://platform.example', 'dashboard-port': '8090' },
      ...{ 'registry-port': '5000', 'grace-period': '1.5', 'data-dir': 'data', 'start-timeout': '5' },
      ...{ config: 'config.mjs', 'log-level': 'debug' },
    }
    expect(parseCommandLine(Object.entries(flags).map(([name, value]) => `--${name}=${value}`))).toEqual({
      platform: {
        ...{ host: '0.0.0.0', port: 0, account: 'acme', token: 'sekret', urls: 'subdomain' },
        ...{ publicUrl: 'https://platform.example', dashboardPort: 8090 },
        ...{
          registryPort: 5000,
          gracePeriodSeconds: 1.5,
          startTimeoutSeconds: 5,
          dataDir: 'data',
          services: {},
        },
      },
      config: 'config.mjs',
      logLevel: 'debug',
    })
  })

  it('has services, which are commands or images; commands are watched', () => {
    const flags = [
      '--service',
      'editor=node "my file.js" --x=y',
      '--image',
      'chat=acme/chat:v1',
      '--watch',
      'src',
    ]
    expect(parseCommandLine(flags).platform.services).toEqual({
      editor: { command: ['node', 'my file.js', '--x=y'], watch: ['src'] },
      chat: { image: 'acme/chat:v1' },
    })
    expect(parseCommandLine([...flags, '--warm', '2']).platform.services).toMatchObject({
      editor: { warm: 2 },
      chat: { image: 'acme/chat:v1', warm: 2 },
    })
    expect(parseCommandLine([...flags, '--static-token']).platform.services).toMatchObject({
      editor: { staticToken: true },
      chat: { staticToken: true },
    })
  })

  it.each([
    [['--help'], 'help'],
    [['-h'], 'help'],
    [['-v'], 'version'],
    [['--version', '--help'], 'help'],
  ])('%j is a question', (args, show) => {
    expect(parseCommandLine(args).show).toBe(show)
  })

  it.each([
    [['--port', 'eighty'], '`--port` must be a number, got "eighty".'],
    [['--registry-port', 'any'], '`--registry-port` must be a number, got "any".'],
    [['--warm', 'two'], '`--warm` must be a number, got "two".'],
    [['--log-level', 'loud'], '`--log-level` must be one of silent, error, warn, info, debug, got "loud".'],
    [
      ['--service', 'editor=a | b'],
      '`--service` must be a command without the operator |, which needs a shell, got "a | b".',
    ],
    [
      ['--service', 'editor=node', '--image', 'editor=acme/editor'],
      '`--service` must be given once for each name, as must `--image`, got "editor".',
    ],
    [['--port', ''], '`--port` must be a number, got "".'],
    [['--service', 'editor'], '`--service` must be name=command, got "editor".'],
    [['--image', '=acme/editor'], '`--image` must be name=image, got "=acme/editor".'],
    [['--urls', 'dns'], '`--urls` must be one of path, subdomain, got "dns".'],
    [['--token'], '--token'],
    [['serve'], 'serve'],
  ])('%j is refused, and what is wrong is named', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(message) }),
    )
  })
})
