import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { backendAssignment } from '../../src/index.ts'
import { openPage, signedIn } from '../support/page.ts'
import { bundle, startFixture, startProcess, temporaryFolder } from '../support/program.ts'
import { openWarmPool } from '../support/warm-pool.ts'

const OFFICIAL_FOLDER = '/jamsocket-control'
const ASSIGNMENT = {
  backend_id: '8nyg2',
  key: 'plan',
  fencing_token: 7,
  static_token: null,
  env: { COLOR: 'green' },
}

/** A command that sees `folder` at another place, as a container would: nobody else on this machine does. */
function seeingAs(folder: string, place: string, command: string[]): [string, ...string[]] {
  const script = 'mkdir -p "$2" && mount --bind "$1" "$2" && shift 2 && exec "$@"'
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', folder, place, ...command]
}

const cannotMount = spawnSync('unshare', ['--mount', 'true']).status !== 0

describe('from the environment', () => {
  it("has the values of the platform's variables", async () => {
    const env = {
      PORT: '3000',
      SESSION_BACKEND_ID: '8nyg2',
      SESSION_BACKEND_KEY: 'plan',
      SESSION_BACKEND_FENCING_TOKEN: '7',
    }
    const assignment = await backendAssignment({ env })
    expect(assignment).toMatchObject({
      port: 3000,
      id: '8nyg2',
      key: 'plan',
      fencingToken: 7,
      warm: false,
      env,
    })
    assignment.ready()
  })

  it('needs no platform: port 8080, and neither name nor lock', async () => {
    expect(await backendAssignment({ env: {} })).toMatchObject({
      port: 8080,
      id: undefined,
      key: undefined,
      fencingToken: undefined,
    })
  })

  it.each([
    ['PORT', '80a'],
    ['PORT', '65536'],
    ['SESSION_BACKEND_FENCING_TOKEN', '-1'],
    ['SESSION_BACKEND_FENCING_TOKEN', '9007199254740993'],
  ])('refuses %s=%s', async (name, value) => {
    await expect(backendAssignment({ env: { [name]: value } })).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining(`${name} must be an integer`),
    })
  })
})

describe('the trace', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

  it('is the one that the backend was spawned in', async () => {
    expect(await backendAssignment({ env: { TRACEPARENT: traceparent } })).toMatchObject({ traceparent })
    expect(await backendAssignment({ env: {} })).toMatchObject({ traceparent: undefined })
  })

  it('comes with the document if the backend waited in a warm pool', async () => {
    const path = join(await temporaryFolder(), 'pool.sock')
    const pool = await openWarmPool(path)
    const assigned = backendAssignment({ env: { SESSION_BACKEND_SOCKET: path } })
    await pool.hears('Warmed')
    pool.assign({ ...ASSIGNMENT, env: { TRACEPARENT: traceparent } })
    expect(await assigned).toMatchObject({ warm: true, traceparent })
  })

  it('is ignored if it is malformed: the backend starts', async () => {
    for (const value of ['', 'evil\nline', `${traceparent}-more`, traceparent.repeat(10_000)]) {
      const assignment = await backendAssignment({ env: { TRACEPARENT: value } })
      expect(assignment.traceparent).toBeUndefined()
    }
  })
})

describe('from a warm pool', () => {
  const pool = async () => {
    const path = join(await temporaryFolder(), 'pool.sock')
    return {
      path,
      pool: await openWarmPool(path),
      env: { SESSION_BACKEND_SOCKET: path, PORT: '0', COLOR: 'red', SHAPE: 'round' },
    }
  }

  it('reports that it is warm, takes its assignment, and reports that it is ready', async () => {
    const { pool: platform, env } = await pool()
    const assigned = backendAssignment({ env })
    await platform.hears('Warmed')
    platform.assign(ASSIGNMENT)
    const assignment = await assigned
    expect(assignment).toMatchObject({ id: '8nyg2', key: 'plan', fencingToken: 7, warm: true, port: 0 })
    expect(assignment.env).toMatchObject({ COLOR: 'green', SHAPE: 'round' })
    expect(platform.said).toEqual(['Warmed'])
    assignment.ready()
    await platform.hears('Ready')
  })

  it('reads an assignment that is cut at any byte, and skips lines that are not an assignment', async () => {
    const text = `garbage\n{"message":"Hello"}\n${JSON.stringify({ message: { BackendAssignment: { ...ASSIGNMENT, fencing_token: null } } })}\n`
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 5 }), async (cuts) => {
        const { pool: platform, env } = await pool()
        const assigned = backendAssignment({ env })
        await platform.hears('Warmed')
        const bounds = [0, ...cuts.sort((a, b) => a - b), text.length]
        for (const [index, end] of bounds.slice(1).entries()) {
          platform.write(text.slice(bounds[index], end))
          await new Promise((resolve) => setImmediate(resolve))
        }
        expect(await assigned).toMatchObject({ id: '8nyg2', fencingToken: undefined })
      }),
      { numRuns: 20 },
    )
  })

  it('fails if the pool closes, sends an endless line, or does not exist', async () => {
    const gone = await pool()
    const first = backendAssignment({ env: gone.env })
    await gone.pool.hears('Warmed')
    gone.pool.end()
    await expect(first).rejects.toMatchObject({
      code: 'platform_error',
      message: expect.stringContaining('closed'),
    })

    const endless = await pool()
    const second = backendAssignment({ env: endless.env })
    await endless.pool.hears('Warmed')
    endless.pool.write('x'.repeat(1024 * 1024 + 1))
    await expect(second).rejects.toThrow('sent a line of more than 1048576 characters')

    const env = { SESSION_BACKEND_SOCKET: '/nowhere/pool.sock' }
    await expect(backendAssignment({ env })).rejects.toMatchObject({
      code: 'platform_error',
      message: expect.stringContaining('ENOENT'),
    })
  })

  it('stops waiting when its signal aborts', async () => {
    const { pool: platform, env } = await pool()
    const controller = new AbortController()
    const assigned = backendAssignment({ env, signal: controller.signal })
    await platform.hears('Warmed')
    controller.abort(new Error('The test is over.'))
    await expect(assigned).rejects.toThrow('The test is over.')
  })

  it.for([
    ['the official library', async () => join(import.meta.dirname, '../fixtures/official.mjs')],
    ['ours', async () => bundle(join(import.meta.dirname, '../fixtures/ws.ts'), await temporaryFolder())],
  ] as const)(
    'is spoken over the official socket by %s in the same words',
    async ([_whose, makeProgram], { skip }) => {
      skip(cannotMount, 'mount namespaces need root on Linux')
      const program = await makeProgram()
      const folder = await temporaryFolder()
      const platform = await openWarmPool(join(folder, 'jamsocket-sdk.sock'))
      const backend = startProcess(seeingAs(folder, OFFICIAL_FOLDER, [process.execPath, program]), {
        PORT: '0',
        COLOR: 'red',
      })
      await Promise.race([platform.hears('Warmed'), backend.printed(/Warmed/)])
      platform.assign(ASSIGNMENT)
      await platform.hears('Ready')
      expect(platform.said).toEqual(['Warmed', 'Ready'])
      const port = await backend.printed(/listening on (\d+)/)
      const answer = await fetch(`http://127.0.0.1:${port}`)
      expect(await answer.json()).toEqual({ id: '8nyg2', key: 'plan', fencingToken: 7, color: 'green' })
    },
  )

  it('continues if the pool closes after the assignment', async () => {
    const { pool: platform, path } = await pool()
    const backend = await startFixture('ws', { SESSION_BACKEND_SOCKET: path })
    await platform.hears('Warmed')
    platform.assign(ASSIGNMENT)
    const port = Number(await backend.printed(/listening on (\d+)/))
    platform.end()
    const page = await openPage(port, signedIn('ada'))
    expect(page.socket.readyState).toBe(WebSocket.OPEN)
    backend.child.kill('SIGTERM')
    expect(await backend.exited).toEqual({ code: 0, signal: null })
  }, 30_000)
})
