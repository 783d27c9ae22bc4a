import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { Images, imageName } from '../../../src/runtime/docker/images.ts'
import { startEngine } from './fake-engine.ts'

const registry = { address: '127.0.0.1:5000', account: 'acme', token: 'sekret' }
const digest = `sha256:${'0'.repeat(64)}`

describe("an image's full name", () => {
  it.each([
    ['editor', undefined, 'editor:latest'],
    ['editor:v1', undefined, 'editor:v1'],
    ['editor:v1', 'v2', 'editor:v2'],
    ['ghcr.io/acme/editor', 'v2', 'ghcr.io/acme/editor:v2'],
    ['localhost:5000/editor', undefined, 'localhost:5000/editor:latest'],
    ['localhost:5000/editor:v1', 'v2', 'localhost:5000/editor:v2'],
    [`editor@${digest}`, undefined, `editor@${digest}`],
    [`editor:v1@${digest}`, 'v2', 'editor:v2'],
  ])('%s with the tag %s is %s', (image, tag, name) => {
    expect(imageName(image, tag, undefined)).toBe(name)
  })

  // Specification: "Images are expected to follow the naming scheme [ACCOUNT]/[SERVICE]".
  it.each([
    ['acme/editor', 'v1', '127.0.0.1:5000/acme/editor:v1'],
    ['acme/team/editor', undefined, '127.0.0.1:5000/acme/team/editor:latest'],
    ['acmes/editor', undefined, 'acmes/editor:latest'],
    ['ghcr.io/acme/editor', undefined, 'ghcr.io/acme/editor:latest'],
  ])('%s with the tag %s is %s, if the account has a registry', (image, tag, name) => {
    expect(imageName(image, tag, registry)).toBe(name)
  })

  it.each(['', 'a/b', 'a:b', '../x', '-x', 'x?y', 'x'.repeat(129)])('has no tag %j', (tag) => {
    expect(() => imageName('editor', tag, undefined)).toThrow('is no tag of an image')
  })
})

describe('an image', () => {
  const never = new AbortController().signal

  /** An engine that has these images, and pulls every other one with this progress. */
  const startWith = (here: string[], progress: object[] = [{ status: 'Pulling' }]) =>
    startEngine((request, response: ServerResponse) => {
      const isHere = here.some((name) => request.url === `/images/${name}/json`)
      if (request.method === 'GET') response.writeHead(isHere ? 200 : 404).end('{}')
      else response.end(progress.map((line) => `${JSON.stringify(line)}\n`).join(''))
    })

  it('that is here is not pulled', async () => {
    const { engine, asked } = await startWith(['editor:v1'])
    expect(await new Images(engine, undefined).bring('editor', 'v1', never)).toBe('editor:v1')
    expect(asked()).toEqual(['GET /images/editor:v1/json'])
  })

  it('that is missing is pulled, without anybody’s credentials', async () => {
    const { engine, received, asked } = await startWith([])
    expect(await new Images(engine, registry).bring('ghcr.io/x/y', undefined, never)).toBe(
      'ghcr.io/x/y:latest',
    )
    expect(asked().at(-1)).toBe('POST /images/create?fromImage=ghcr.io%2Fx%2Fy%3Alatest')
    expect(received.at(-1)?.headers).not.toHaveProperty('x-registry-auth')
  })

  it("of the platform's own registry is always pulled, by the account and its token", async () => {
    const name = '127.0.0.1:5000/acme/editor:v1'
    const { engine, received, asked } = await startWith([name])
    expect(await new Images(engine, registry).bring('acme/editor', 'v1', never)).toBe(name)
    expect(asked()).toEqual([`POST /images/create?fromImage=${encodeURIComponent(name)}`])
    const credentials = Buffer.from(String(received[0]?.headers['x-registry-auth']), 'base64').toString()
    expect(JSON.parse(credentials)).toEqual({
      username: 'acme',
      password: 'sekret',
      serveraddress: '127.0.0.1:5000',
    })
  })

  it('that cannot be pulled is named, with what the engine says of it', async () => {
    const { engine } = await startWith([], [{ status: 'Pulling' }, { error: 'manifest unknown' }])
    await expect(new Images(engine, undefined).bring('editor', 'v9', never)).rejects.toThrow(
      'The image editor:v9 cannot be pulled: manifest unknown',
    )
  })

  it('is not waited for when the backend is not wanted any more', async () => {
    const { engine } = await startEngine(() => {})
    const stopping = AbortSignal.abort(new Error('terminated'))
    await expect(new Images(engine, undefined).bring('editor', 'v1', stopping)).rejects.toThrow('terminated')
  })
})
