import { statSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { createMockPlatform } from '@session-backend/mock-platform'
import { createSessionClient } from '@session-backend/react/client'
import { defineProtocol, messages } from '@session-backend/react/messages'
import { createSessionBackends, jamsocket, type SessionBackends } from '@session-backend/server'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { processesWith } from '../../packages/mock-platform/test/support/processes.ts'
import { dockerClient } from '../../scripts/engines/docker.mjs'
import { dependOnTarballs, ENV, installCreate, run } from '../published/created-app.ts'
import { PACKAGES, pack, temporaryFolder } from '../published/packed.ts'
import { buildNodeSlim } from './node-slim.ts'

const TEMPLATES = ['vite', 'next']
const WAIT = { timeout: 120_000, interval: 50 }
const LINE = { from: { x: 1, y: 2 }, to: { x: 3, y: 4 } }

/** The names of the template's messages. Their content isn't checked here. */
const protocol = defineProtocol({
  toBackend: { draw: v.unknown() },
  toPage: { board: v.unknown(), drawn: v.unknown(), people: v.unknown(), pointed: v.unknown() },
})

describe.skipIf(process.env.NO_ENGINES)("the image of a template's Dockerfile", () => {
  const docker = dockerClient()
  let folder: string

  beforeAll(async () => {
    folder = await temporaryFolder()
    const tarballs = await pack(folder, [...PACKAGES, 'create'])
    const bin = await installCreate(join(folder, 'tool'), tarballs.get('create') ?? '')
    tarballs.delete('create')
    const cache = join(folder, 'cache')
    for (const template of TEMPLATES) {
      const app = join(folder, template)
      await run(process.execPath, [bin, template, '--template', template], { cwd: folder })
      // The image also has the tarballs next to the app.
      const nextToApp = [...tarballs].map(([name, file]): [string, string] => [name, relative(app, file)])
      await dependOnTarballs(app, new Map(nextToApp))
      // Without URLs in the lock, npm asks the registry for packages even if the cache has them.
      const env = { ...ENV, npm_config_cache: cache, npm_config_omit_lockfile_registry_resolved: 'false' }
      await run('npm', ['install', '--omit=dev'], { cwd: app, env })
      await rm(join(app, 'node_modules'), { recursive: true })
    }
    const folders = [...tarballs.values()].map(dirname)
    const files = Object.fromEntries(folders.map((from) => [`/${basename(from)}`, from]))
    const [, from = ''] = /^FROM (.*)$/m.exec(await readFile(join(folder, 'vite/Dockerfile'), 'utf8')) ?? []
    await buildNodeSlim(docker, from, { folder: join(folder, 'slim'), cache, files })
  }, 900_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each(TEMPLATES)(
    '%s runs as a user who is not root, and saves what a page draws',
    async (template) => {
      const image = `template/${template}`
      await build(image, join(folder, template))
      const mock = await createMockPlatform({ services: { board: { image } } })
      onTestFinished(() => mock.close())
      const platform = jamsocket.fromEnv(mock.env('board'), { apiVersion: 2 })
      const sessionBackends = createSessionBackends({ platform, authorize: () => ({ user: 'Ada' }) })
      onTestFinished(() => sessionBackends.close())

      const [ada, ben] = [openPage(sessionBackends), openPage(sessionBackends)]
      const connection = await ada.connected()
      await ben.connected()
      connection.send('draw', LINE)
      await vi.waitFor(() => expect(ben.lines).toEqual([{ by: 'Ada', ...LINE }]), WAIT)
      await vi.waitFor(() => expect(ada.session.getSnapshot().unsaved?.count).toBe(0), WAIT)

      const { name } = await sessionBackends.connect('welcome', { headers: {} })
      const pids = processesWith(`SESSION_BACKEND_ID=${name}`)
      expect(pids.map((pid) => statSync(`/proc/${pid}`).uid)).toEqual([1000])
    },
    300_000,
  )
})

/** Builds an image by its Dockerfile, with the builder that needs no plug-in. */
async function build(image: string, context: string): Promise<void> {
  const env = { ...process.env, DOCKER_BUILDKIT: '0' }
  await run('docker', ['build', '--tag', image, context], { env }).catch((error) =>
    expect.fail(`${error.stdout}\n${error.stderr}`),
  )
}

function openPage(sessionBackends: SessionBackends) {
  const lines: unknown[] = []
  const endpoint = 'http://app.example/api/sessions'
  const client = createSessionClient({
    endpoint,
    fetch(input, init) {
      const request = new Request(input, init)
      return request.url.startsWith(endpoint) ? sessionBackends.handle(request) : fetch(request)
    },
  })
  const session = client.open('welcome', {
    connect: messages(protocol, { WebSocket }),
    onMessage: { drawn: (line) => lines.push(line) },
  })
  onTestFinished(() => session.close())
  const connected = () =>
    vi.waitFor(() => {
      const { phase, connection } = session.getSnapshot()
      if (phase !== 'connected') throw new Error(`The board is ${phase}.`)
      return connection
    }, WAIT)
  return { session, lines, connected }
}
