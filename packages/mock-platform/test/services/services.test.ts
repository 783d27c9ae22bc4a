import { describe, expect, it, vi } from 'vitest'
import type { ServiceOptions } from '../../src/index.ts'
import { Images } from '../../src/runtime/docker/images.ts'
import { Guardian } from '../../src/runtime/guardian.ts'
import type { Observer } from '../../src/runtime/runtime.ts'
import { Services, type ServicesOptions } from '../../src/services/services.ts'
import { startEngine } from '../runtime/docker/fake-engine.ts'

const EDITOR = { image: 'acme/editor' }
const never = new AbortController().signal
const nothing = () => {}
const observer: Observer = {
  ...{
    launched: nothing,
    failed: nothing,
    output: nothing,
    listening: nothing,
    exited: nothing,
    gone: nothing,
  },
}

/** A service, on a Docker that has every image. */
async function open(editor: ServiceOptions, options: Partial<ServicesOptions> = {}) {
  const { engine } = await startEngine((_, response) => response.end('{}'))
  const start = vi.fn(() => ({ terminate() {}, kill() {} }))
  const docker = { images: new Images(engine, undefined), start, close: async () => {} }
  return { start, services: new Services({ editor }, { guardian: new Guardian(), docker, ...options }) }
}

describe('a service that is an image', () => {
  const editor = { image: 'acme/editor:v1', memory: '64m', cpus: 0.5, env: { MODE: 'test', LEVEL: '1' } }

  it('runs it in a container, within its limits and with its variables', async () => {
    const { services, start } = await open(editor)
    const run = await services.load('editor', undefined, never)
    run({ LEVEL: '2' }, observer)
    const program = { image: 'acme/editor:v1', memory: 64 * 1024 ** 2, cpus: 0.5 }
    expect(start).toHaveBeenCalledExactlyOnceWith({ program, env: { MODE: 'test', LEVEL: '2' } }, observer)
  })

  it.each([
    ['of the tag that is asked for', 'v2', 'acme/editor:v2'],
    ['that the service names for the tag', 'stable', 'acme/other:v3'],
  ])('runs the image %s', async (_, tag, image) => {
    const { services, start } = await open({ ...editor, tags: { stable: { image: 'acme/other:v3' } } })
    const run = await services.load('editor', tag, never)
    run({}, observer)
    expect(start).toHaveBeenCalledWith(
      expect.objectContaining({ program: expect.objectContaining({ image }) }),
      observer,
    )
  })
})

describe('a service that was given nothing to run', () => {
  it('runs its image of the registry, if there is one', async () => {
    const imageOf = (service: string) => `acme/${service}`
    const { services, start } = await open(EDITOR, { imageOf })
    services.create('new')
    const run = await services.load('new', 'v1', never)
    run({}, observer)
    expect(start).toHaveBeenCalledWith(
      expect.objectContaining({ program: expect.objectContaining({ image: 'acme/new:v1' }) }),
      observer,
    )
  })

  it('says so, if it has nothing to run', async () => {
    const { services } = await open(EDITOR)
    services.create('new')
    await expect(services.load('new', undefined, never)).rejects.toThrow('has nothing to run')
  })
})

it('creating a service that exists changes nothing', async () => {
  const { services, start } = await open(EDITOR)
  services.create('editor')
  const run = await services.load('editor', undefined, never)
  run({}, observer)
  expect(start).toHaveBeenCalledOnce()
})
