import { fileURLToPath } from 'node:url'
import { it } from 'vitest'
import { buildNodeImage, dockerClient } from '../../../scripts/engines/docker.mjs'
import { describeContract } from '../test/contract/contract.ts'
import type { Engine } from '../test/contract/engine.ts'
import { startMockEngine } from '../test/contract/mock-engine.ts'

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
  return startMockEngine({ editor: { image: IMAGE }, static: { image: IMAGE, staticToken: true } })
}

if (missing) it('containers of the mock platform', ({ skip }) => skip(missing))
else describeContract('containers of the mock platform', 'containers', start)
