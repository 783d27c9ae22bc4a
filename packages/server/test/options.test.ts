import { SessionBackendError } from '@session-backend/core'
import { describe, expect, it, vi } from 'vitest'
import { createSessionBackends, jamsocket } from '../src/index.ts'
import { plane } from '../src/plane.ts'
import { fakePlatform } from './support/fake-platform.ts'

/** What each option must not be, and what the message then says of it. */
type Wrong = [options: object, message: string]

const required = {
  app: { platform: fakePlatform(), authorize: () => true },
  jamsocket: { account: 'acme', service: 'editor', token: 'planted-token' },
  plane: { controllerUrl: 'http://plane:8080', executable: { image: 'editor' } },
}

const ORIGINS = 'a list of origins such as `https://app.example.com`'
const APP: Wrong[] = [
  [
    { platform: null },
    '`platform` must be an engine such as `jamsocket({ ... })`, or a function that returns one, got null.',
  ],
  [
    { authorize: undefined },
    '`authorize` must be a function that says who may open which document (nobody may by default), got undefined.',
  ],
  [
    { authorize: true },
    '`authorize` must be a function that says who may open which document (nobody may by default), got true.',
  ],
  [{ lock: 'editor/doc' }, '`lock` must be a function, got "editor/doc".'],
  [{ spawn: { tag: 'v2' } }, '`spawn` must be a function, got an object with tag.'],
  [{ onSpawn: 1 }, '`onSpawn` must be a function, got 1.'],
  [{ onError: 'log' }, '`onError` must be a function, got "log".'],
  [{ basePath: 'api/sessions' }, '`basePath` must be a path that starts with a slash, got "api/sessions".'],
  [{ basePath: 1 }, '`basePath` must be a path that starts with a slash, got 1.'],
  [{ trustedOrigins: '*' }, `\`trustedOrigins\` must be ${ORIGINS}, got "*".`],
  [{ trustedOrigins: ['*'] }, `\`trustedOrigins\` must be ${ORIGINS}, got "*".`],
  [
    { trustedOrigins: ['https://app.example.com/'] },
    `\`trustedOrigins\` must be ${ORIGINS}, got "https://app.example.com/".`,
  ],
  [{ terminate: 'yes' }, '`terminate` must be true or false, got "yes".'],
  [{ logs: 1 }, '`logs` must be true or false, got 1.'],
  [{ startupLog: null }, '`startupLog` must be true or false, got null.'],
  [{ limits: 5 }, '`limits` must be an object, got 5.'],
  [{ limits: { running: 0 } }, '`limits.running` must be a number above 0, got 0.'],
  [{ limits: { running: '5' } }, '`limits.running` must be a number above 0, got "5".'],
  [{ limits: { running: Number.NaN } }, '`limits.running` must be a number above 0, got NaN.'],
  [{ limits: { spawnsPerUser: 5 } }, '`limits.spawnsPerUser` must be an object, got 5.'],
  [
    { limits: { spawnsPerUser: { max: 1.5, seconds: 1 } } },
    '`limits.spawnsPerUser.max` must be a whole number above 0, got 1.5.',
  ],
  [
    { limits: { spawnsPerUser: { max: 1 } } },
    '`limits.spawnsPerUser.seconds` must be a number above 0, got undefined.',
  ],
  [{ logger: console.error }, '`logger` must be an object with `error`, such as `console`, got a function.'],
  [{ clock: Date }, '`clock` must be an object with `now` and `after`, got a function.'],
]

const PART = 'a string that can be part of a URL'
const TOKEN = 'a string of visible ASCII characters, without spaces'
const API_URL = 'an http or https URL without credentials, query or fragment'
const TIMEOUT = 'a number of ms above 0, and less than 2^31'
const JAMSOCKET: Wrong[] = [
  [{ account: '' }, `\`account\` must be ${PART}, got "".`],
  [{ service: '..' }, `\`service\` must be ${PART}, got "..".`],
  [{ service: undefined }, `\`service\` must be ${PART}, got undefined.`],
  [{ token: 'planted token' }, `\`token\` must be ${TOKEN}, got a string.`],
  [{ token: undefined }, `\`token\` must be ${TOKEN}, got undefined.`],
  [{ apiUrl: 'api.example.com' }, `\`apiUrl\` must be ${API_URL}, got "api.example.com".`],
  [
    { apiUrl: 'https://me:planted@api.example.com' },
    `\`apiUrl\` must be ${API_URL}, got a URL with credentials.`,
  ],
  [{ apiVersion: 3 }, '`apiVersion` must be 1 or 2, got 3.'],
  [{ timeout: 0 }, `\`timeout\` must be ${TIMEOUT}, got 0.`],
  [{ timeout: 2 ** 31 }, `\`timeout\` must be ${TIMEOUT}, got 2147483648.`],
  [{ dispatcher: {} }, '`dispatcher` must be an undici dispatcher, got an object with nothing.'],
  [{ clock: {} }, '`clock` must be an object with `now` and `after`, got an object with nothing.'],
]

const TEXT = 'a string without control characters'
const SECONDS = 'a number of seconds, 0 or more'
const executable = (wrong: object) => ({ executable: { image: 'editor', ...wrong } })
const PLANE: Wrong[] = [
  [{ controllerUrl: 'plane:8080' }, `\`controllerUrl\` must be ${API_URL}, got "plane:8080".`],
  [{ executable: 'editor' }, '`executable` must be an object, got "editor".'],
  [executable({ image: '' }), `\`executable.image\` must be ${TEXT}, got "".`],
  [
    executable({ env: { PORT: '80' } }),
    '`executable.env` must be without the variables that the platform sets itself, got PORT.',
  ],
  [
    executable({ env: { 'A=B': 'planted' } }),
    '`executable.env` must be an object whose keys are names of variables, got "A=B".',
  ],
  [executable({ env: { A: 'planted\0' } }), '`executable.env.A` must be a string without NUL, got a string.'],
  [
    executable({ pullPolicy: 'Sometimes' }),
    '`executable.pullPolicy` must be "IfNotPresent" or "Always" or "Never", got "Sometimes".',
  ],
  [
    executable({ credentials: { password: 'planted' } }),
    '`executable.credentials` must be an object with `username` and `password`, got Object.',
  ],
  [
    executable({ resourceLimits: { cpuPercent: -1 } }),
    '`executable.resourceLimits.cpuPercent` must be a number above 0, got -1.',
  ],
  [executable({ mount: 1 }), '`executable.mount` must be a folder, true or false, got 1.'],
  [executable({ networkName: '' }), `\`executable.networkName\` must be ${TEXT}, got "".`],
  [{ service: '..' }, `\`service\` must be ${PART}, got "..".`],
  [{ cluster: '' }, `\`cluster\` must be ${TEXT}, got "".`],
  [{ pool: 1 }, `\`pool\` must be ${TEXT}, got 1.`],
  [{ namespace: '' }, `\`namespace\` must be ${TEXT}, got "".`],
  [{ tag: 'v\n1' }, `\`tag\` must be ${TEXT}, got "v\\n1".`],
  [{ idleSeconds: -1 }, `\`idleSeconds\` must be ${SECONDS}, got -1.`],
  [{ lifetimeSeconds: Number.NaN }, `\`lifetimeSeconds\` must be ${SECONDS}, got NaN.`],
  [{ staticToken: 'yes' }, '`staticToken` must be true or false, got "yes".'],
  [{ token: 'planted token' }, `\`token\` must be ${TOKEN}, got a string.`],
  [{ timeout: '5' }, `\`timeout\` must be ${TIMEOUT}, got "5".`],
  [{ dispatcher: 'proxy' }, '`dispatcher` must be an undici dispatcher, got "proxy".'],
  [{ clock: 0 }, '`clock` must be an object with `now` and `after`, got 0.'],
]

const SPAWN: Wrong[] = [
  [{ lock: '' }, '`lock` must be a string of 1 to 128 characters, without control characters, got "".'],
  [{ tag: '' }, `\`tag\` must be ${TEXT}, got "".`],
  [{ gracePeriodSeconds: -1 }, `\`gracePeriodSeconds\` must be ${SECONDS}, got -1.`],
  [{ env: { SECRET: 5 } }, '`env.SECRET` must be a string without NUL, got a number.'],
]

/** The message of the error that a wrong option throws. */
async function messageOf(create: () => unknown): Promise<string> {
  try {
    await create()
  } catch (error) {
    if (error instanceof SessionBackendError && error.code === 'invalid_option') return error.message
    throw error
  }
  return expect.fail('Nothing was thrown.')
}

// The types would refuse these.
const call = (create: unknown, options: object) => Reflect.apply(Object(create), undefined, [options])

describe('an option that is wrong is refused with what it must be and what was received', () => {
  it.each(APP)('createSessionBackends(%j)', async (wrong, message) =>
    expect(await messageOf(() => call(createSessionBackends, { ...required.app, ...wrong }))).toBe(message),
  )
  it.each(JAMSOCKET)('jamsocket(%j)', async (wrong, message) =>
    expect(await messageOf(() => call(jamsocket, { ...required.jamsocket, ...wrong }))).toBe(message),
  )
  it.each(PLANE)('plane(%j)', async (wrong, message) =>
    expect(await messageOf(() => call(plane, { ...required.plane, ...wrong }))).toBe(message),
  )
  it.each(SPAWN)('spawn(%j)', async (wrong, message) => {
    const client = jamsocket(required.jamsocket)
    expect(await messageOf(() => call(client.spawn, wrong))).toBe(message)
  })

  it('also if a function gives the platform', async () => {
    const error = vi.fn()
    const sessionBackends = createSessionBackends({
      authorize: () => true,
      logger: { error },
      // @ts-expect-error What JavaScript allows.
      platform: () => undefined,
    })
    const answer = await sessionBackends.handle(
      new Request('http://app.test/api/sessions/doc', { method: 'POST' }),
    )
    expect(answer.status).toBe(500)
    expect(String(error.mock.calls[0]?.[0].err)).toContain('`platform` must be an engine')
  })

  it('without a secret in the message', () => {
    const messages = [...APP, ...JAMSOCKET, ...PLANE, ...SPAWN].map(([, message]) => message)
    expect(messages.filter((message) => /planted/.test(message))).toEqual([])
  })
})

describe('createSessionBackends', () => {
  it('finds the routes below `basePath`, if the framework leaves it in the URL', async () => {
    const sessionBackends = createSessionBackends({
      platform: fakePlatform(),
      authorize: () => true,
      basePath: '/deep/below/',
    })
    const ask = (path: string) =>
      sessionBackends.handle(new Request(`http://app.test${path}`, { method: 'POST' }))
    expect((await ask('/deep/below/doc')).status).toBe(200)
    expect((await ask('/api/sessions/doc')).status).toBe(404)
  })
})
