import { describe, expect, it } from 'vitest'
import { createMockPlatform, type MockPlatform, type MockPlatformOptions } from '../../src/index.ts'

const service = (options: object) => ({ services: { editor: options } })

/** A wrong value of each option, and of what a service may have. */
const WRONG: { [Name in keyof Required<MockPlatformOptions>]: [got: unknown, message: string][] } = {
  port: [
    [-1, '`port` must be an integer from 0 to 65535, got -1.'],
    ['80', '`port` must be an integer from 0 to 65535, got "80".'],
  ],
  dashboardPort: [[1.5, '`dashboardPort` must be an integer from 0 to 65535, got 1.5.']],
  registryPort: [[65_536, '`registryPort` must be an integer from 0 to 65535, got 65536.']],
  host: [['', '`host` must be an address or the name of a host, got "".']],
  publicUrl: [
    ['platform.example', '`publicUrl` must be an http or https URL without a path, got another text.'],
    [
      'https://platform.example/below',
      '`publicUrl` must be an http or https URL without a path, got another text.',
    ],
    [
      'https://ada:secret@platform.example',
      '`publicUrl` must be an http or https URL without a path, got another text.',
    ],
    [443, '`publicUrl` must be an http or https URL without a path, got 443.'],
  ],
  account: [['a/b', '`account` must be a name of up to 63 letters, digits, - and _, got "a/b".']],
  token: [['with space', '`token` must be a text of visible ASCII characters, got another text.']],
  services: [
    ['editor', '`services` must be an object with the services by their names, got "editor".'],
    [
      { 'a/b': { command: ['node'] } },
      '`services.a/b` must be a name of up to 63 letters, digits, - and _, got "a/b".',
    ],
  ],
  gracePeriodSeconds: [[-1, '`gracePeriodSeconds` must be a number of at least 0 seconds, got -1.']],
  startTimeoutSeconds: [
    [Number.NaN, '`startTimeoutSeconds` must be a number of at least 0 seconds, got NaN.'],
  ],
  dataDir: [['', '`dataDir` must be a path, got "".']],
  urls: [['dns', '`urls` must be `path` or `subdomain`, got "dns".']],
  clock: [
    [{ now: () => 0 }, '`clock` must be a clock, as `createClock` makes them, got an object with now.'],
  ],
  onStatus: [[true, '`onStatus` must be a function, got true.']],
  onLog: [[1, '`onLog` must be a function, got 1.']],
  onProblem: [['log', '`onProblem` must be a function, got "log".']],
}

describe('the options of createMockPlatform', () => {
  it.each(
    Object.entries(WRONG).flatMap(([name, wrong]) => wrong.map(([got, message]) => ({ name, got, message }))),
  )('must be right: $message', async ({ name, got, message }) => {
    const options: object = { [name]: got }
    await expect(createMockPlatform(options)).rejects.toMatchObject({ code: 'invalid_option', message })
  })

  it('must exist', async () => {
    // @ts-expect-error what callers without types may do
    await expect(createMockPlatform({ prot: 8080 })).rejects.toThrow(
      '`prot` must be left out, as there is no such option, got 8080.',
    )
  })

  it('must fit together: with a URL for each backend, the public URL needs a name', async () => {
    await expect(
      createMockPlatform({ publicUrl: 'http://192.0.2.7:8080', urls: 'subdomain' }),
    ).rejects.toThrow(/^`publicUrl` must be a URL whose host is a name, not an address: /)
  })

  it.each([
    {},
    { command: [] },
    { command: 'node backend.js' },
    { command: ['node'], tags: { v2: {} } },
    { command: ['node'], staticToken: 'yes' },
    { image: '' },
    { image: '--privileged' },
    { image: 'acme/editor', memory: '5m' },
    { image: 'acme/editor', memory: 'much' },
    { image: 'acme/editor', cpus: 0 },
    { image: 'acme/editor', command: ['node'] },
  ])('say what a service takes: %j', async (editor) => {
    const options: object = service(editor)
    await expect(createMockPlatform(options)).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(
        /^`services\.editor` must be an object with one of `command` \(a list: the program and its arguments\), .*, got .+\.$/,
      ),
    })
  })
})

describe('a fault', () => {
  const faults: [fault: object, message: string][] = [
    [{ kind: 'typo' }, '`kind` must be one of delay, hang, .*, got "typo"'],
    [{ kind: 'hang', endpoint: 'nowhere' }, '`endpoint` must be one of auth, .*, got "nowhere"'],
    [{ kind: 'delay', endpoint: 'spawn', ms: -1 }, '`ms` must be a number of at least 0, got -1'],
    [{ kind: 'hang', endpoint: 'spawn', times: 0 }, '`times` must be a number of at least 1, got 0'],
    [
      { kind: 'status', endpoint: 'spawn', status: 200 },
      '`status` must be an integer from 400 to 599, got 200',
    ],
    [{ kind: 'cut', endpoint: 'spawn', bytes: 0.5 }, '`bytes` must be an integer of at least 0, got 0.5'],
    [{ kind: 'lost', ms: 5 }, '`ms` must be left out, as there is no such option, got 5'],
  ]

  it.each(faults)('must be right: %j', async (fault, message) => {
    const platform: MockPlatform = await createMockPlatform()
    const add: (fault: never) => unknown = (each) => platform.faults.add(each)
    try {
      expect(() => Reflect.apply(add, undefined, [fault])).toThrow(new RegExp(`^${message}\\.$`))
    } finally {
      await platform.close()
    }
  })
})
