import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMockPlatform } from '../../src/index.ts'
import { tempFolder } from '../support/temp-folder.ts'

afterEach(() => vi.unstubAllEnvs())

describe('what containers need', () => {
  it.each([{ image: 'acme/editor' }, { command: ['node'], tags: { v2: { image: 'acme/editor' } } } as const])(
    'is Docker, and if it is missing the error says what to install: %j',
    async (editor) => {
      const socket = join(tempFolder(), 'docker.sock')
      vi.stubEnv('DOCKER_HOST', `unix://${socket}`)
      const error = await createMockPlatform({ services: { editor } }).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(socket) })
      expect(error).toMatchObject({ message: expect.stringContaining('apt-get install docker.io') })
    },
  )

  it('is nothing if no service runs an image', async () => {
    vi.stubEnv('DOCKER_HOST', 'unix:///no/such/socket')
    const platform = await createMockPlatform({ services: { editor: { command: ['node'] } } })
    expect(platform.registry).toBeUndefined()
    await platform.close()
  })

  it('is docker-registry for a registry, and nothing of it is left if that is missing', async () => {
    const folder = tempFolder()
    vi.stubEnv('PATH', folder)
    vi.stubEnv('TMPDIR', folder)
    await expect(createMockPlatform({ registryPort: 0 })).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('apt-get install docker-registry'),
    })
    expect(readdirSync(folder)).toEqual([])
  })

  it('is an account that is a part of images’ names, for a registry', async () => {
    await expect(createMockPlatform({ account: 'Acme', registryPort: 0 })).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(/^`account` must be in lower case, .* got "Acme"\.$/),
    })
  })
})
