import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseJson } from '@session-backend/core/internal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dockerClient } from '../../../scripts/engines/docker.mjs'
import { createMockPlatform, type MockPlatform } from '../src/index.ts'
import { Client } from '../test/support/platform.ts'
import { childrenThatRun, runs } from '../test/support/processes.ts'
import { buildBackend, docker, missing } from './support/images.ts'

const registries = () => childrenThatRun('docker-registry')

describe.skipIf(missing)('the registry', () => {
  let platform: MockPlatform
  let client: Client
  let registry: string
  /** A client of Docker with separate sign-ins. */
  let signIns: string
  let user: typeof docker
  const login = (name: string, password: string) => user('login', '-u', name, '-p', password, registry)

  beforeAll(async () => {
    signIns = await mkdtemp(join(tmpdir(), 'sign-ins-'))
    user = dockerClient({ config: signIns })
    platform = await createMockPlatform({
      account: 'acme',
      token: 'sekret',
      registryPort: 0,
      services: { editor: { image: 'acme/editor' } },
    })
    client = new Client(platform)
    registry = platform.registry ?? expect.fail()
    await buildBackend('registry/backend')
    await docker('tag', 'registry/backend', `${registry}/acme/editor:v1`)
    await docker('tag', 'registry/backend', `${registry}/other/editor:v1`)
  })
  afterAll(async () => {
    await platform?.close()
    await rm(signIns, { recursive: true })
  })

  // Specification: "use the account name as the username and an access token as the password".
  it('refuses a wrong token, and a wrong account', async () => {
    await expect(login('acme', 'wrong')).rejects.toThrow('401 Unauthorized')
    await expect(login('other', 'sekret')).rejects.toThrow('401 Unauthorized')
    await expect(user('push', `${registry}/acme/editor:v1`)).rejects.toThrow()
  })

  it('runs what was pushed, by its tag', async () => {
    expect(await login('acme', 'sekret')).toContain('Login Succeeded')
    await user('push', `${registry}/acme/editor:v1`)
    // From here on, only the registry has it.
    await docker('rmi', `${registry}/acme/editor:v1`)
    const { url } = await client.ready({ tag: 'v1' })
    expect(await (await fetch(`${url}env`)).json()).toMatchObject({
      PORT: '8080',
      JAMSOCKET_SERVICE: 'editor',
    })
  })

  it('runs what was pushed last under the same tag', async () => {
    await login('acme', 'sekret')
    const container = (await docker('create', 'registry/backend')).trim()
    await docker('commit', '--change', 'ENV CONFORMANCE_EDITION=2', container, `${registry}/acme/editor:v1`)
    await docker('rm', container)
    await user('push', `${registry}/acme/editor:v1`)
    await docker('tag', 'registry/backend', `${registry}/acme/editor:v1`)
    const { url } = await client.ready({ tag: 'v1' })
    expect(await (await fetch(`${url}env`)).json()).toMatchObject({ CONFORMANCE_EDITION: '2' })
  })

  it('gives a service that was created by the API its image', async () => {
    await login('acme', 'sekret')
    await client.call('/user/acme/service', { method: 'POST', body: { name: 'created' } })
    const session = await client.spawn({}, 'created')
    expect((await client.until(session)).at(-1)).toBe('ErrorLoading')
    await docker('tag', 'registry/backend', `${registry}/acme/created`)
    await user('push', `${registry}/acme/created`)
    await client.ready({}, 'created')
  })

  it('refuses the images of another account', async () => {
    await login('acme', 'sekret')
    await expect(user('push', `${registry}/other/editor:v1`)).rejects.toThrow(/denied/i)
    await expect(user('pull', `${registry}/other/editor:v1`)).rejects.toThrow(/denied/i)
  })

  it('says what it does not have', async () => {
    const session = await client.spawn({ tag: 'v9' })
    expect((await client.until(session)).at(-1)).toBe('ErrorLoading')
    expect((await client.log(session)).join('\n')).toMatch(
      /acme\/editor:v9 cannot be pulled: .*not (?:found|known)/i,
    )
  })

  it('leaves nothing behind when the platform is closed', async () => {
    const others = registries()
    const other = await createMockPlatform({ registryPort: 0 })
    const [pid = expect.fail()] = registries().filter((each) => !others.includes(each))
    const [, , config = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    expect(existsSync(config)).toBe(true)
    await other.close()
    expect(runs(pid)).toBe(false)
    expect(existsSync(dirname(config))).toBe(false)
    await expect(fetch(`http://${other.registry}/v2/`)).rejects.toThrow()
  })

  it('keeps its images where the platform has a folder', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'mock-platform-'))
    const options = { account: 'acme', token: 'sekret', registryPort: 0, dataDir }
    const first = await createMockPlatform(options)
    const image = `${first.registry}/acme/kept:v1`
    await user('login', '-u', 'acme', '-p', 'sekret', first.registry ?? '')
    await docker('tag', 'registry/backend', image)
    await user('push', image)
    await first.close()
    const second = await createMockPlatform(options)
    const authorization = `Basic ${Buffer.from('acme:sekret').toString('base64')}`
    const answer = await fetch(`http://${second.registry}/v2/acme/kept/tags/list`, {
      headers: { authorization },
    })
    expect(parseJson(await answer.text())).toEqual({ name: 'acme/kept', tags: ['v1'] })
    await second.close()
    await rm(dataDir, { recursive: true })
  })
})
