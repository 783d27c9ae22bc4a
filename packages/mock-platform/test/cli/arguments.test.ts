import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../src/cli/arguments.ts'

describe('the command line', () => {
  it('sets no option without a flag, so that a configuration file can', () => {
    expect(parseArguments([])).toEqual({ platform: { services: {} }, config: undefined, logLevel: 'info' })
  })

  it('has a flag for each option', () => {
    const flags = {
      ...{ host: '0.0.0.0', port: '0', account: 'acme', token: 'sekret', urls: 'subdomain' },
      ...{ 'public-url': 'https://platform.example', 'dashboard-port': '8090' },
      ...{ 'registry-port': '5000', 'grace-period': '1.5', 'data-dir': 'data', 'start-timeout': '5' },
      ...{ config: 'config.mjs', 'log-level': 'debug' },
    }
    expect(parseArguments(Object.entries(flags).map(([name, value]) => `--${name}=${value}`))).toEqual({
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
    expect(parseArguments(flags).platform.services).toEqual({
      editor: { command: ['node', 'my file.js', '--x=y'], watch: ['src'] },
      chat: { image: 'acme/chat:v1' },
    })
    expect(parseArguments([...flags, '--warm', '2']).platform.services).toMatchObject({
      editor: { warm: 2 },
      chat: { image: 'acme/chat:v1' },
    })
    expect(parseArguments([...flags, '--static-token']).platform.services).toMatchObject({
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
    expect(parseArguments(args).show).toBe(show)
  })

  it.each([
    [['--port', 'eighty'], '--port takes a number, not "eighty"'],
    [['--registry-port', 'any'], '--registry-port takes a number, not "any"'],
    [['--warm', 'two'], '--warm takes a number, not "two"'],
    [['--log-level', 'loud'], '--log-level is one of silent, error, warn, info, debug, not "loud"'],
    [['--service', 'editor=a | b'], 'The operator | needs a shell'],
    [['--service', 'editor=node', '--image', 'editor=acme/editor'], '"editor" is given twice'],
    [['--port', ''], '--port takes a number, not ""'],
    [['--service', 'editor'], '--service takes name=command, not "editor"'],
    [['--image', '=acme/editor'], '--image takes name=image, not "=acme/editor"'],
    [['--urls', 'dns'], '--urls is one of path, subdomain, not "dns"'],
    [['--token'], '--token'],
    [['serve'], 'serve'],
  ])('%j is refused, and what is wrong is named', (args, message) => {
    expect(() => parseArguments(args)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(message) }),
    )
  })
})
