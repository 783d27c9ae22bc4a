import { fileURLToPath } from 'node:url'
import { createMockPlatform } from '@session-backend/mock-platform'
import { it } from 'vitest'
import { buildNodeImage, dockerClient } from '../../../scripts/engines/docker.mjs'
import { jamsocket } from '../src/jamsocket.ts'
import { describeContract } from '../test/contract/contract.ts'
import type { Engine } from '../test/contract/engine.ts'

/** No registry listens at this address, so an unknown tag is refused at once. */
const IMAGE = '127.0.0.1:1/contract/backend'
const backend = fileURLToPath(new URL('../../conformance/backend.mjs', import.meta.url))
const missing = process.env.NO_ENGINES

async function start(): Promise<Engine> {
  const docker = dockerClient()
  await buildNodeImage(docker, IMAGE, {
    files: { '/app/backend.mjs': backend },
    command: ['/usr/local/bin/node', '/app/backend.mjs'],
  })
  await docker('tag', IMAGE, `${IMAGE}:green`)
  const mock = await createMockPlatform({
    services: { editor: { image: IMAGE }, static: { image: IMAGE, staticToken: true } },
  })
  const platform = jamsocket.fromEnv(mock.env('editor'))
  const withStaticToken = jamsocket.fromEnv(mock.env('static'))
  return {
    platform,
    withStaticToken,
    tag: 'green',
    shortestIdle: 1,
    async close() {
      await Promise.all([platform.close(), withStaticToken.close()])
      await mock.close()
    },
  }
}

if (missing) it('containers of the mock platform', ({ skip }) => skip(missing))
else describeContract('containers of the mock platform', 'containers', start)
