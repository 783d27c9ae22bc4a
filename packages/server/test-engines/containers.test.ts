import { it } from 'vitest'
import { dockerClient } from '../../../scripts/engines/docker.mjs'
import { describeContract } from '../test/contract/contract.ts'
import type { Engine } from '../test/contract/engine.ts'
import { startMockEngine } from '../test/contract/mock-engine.ts'
import { buildImages, IMAGE, WARM_IMAGE } from './support/images.ts'

const missing = process.env.NO_ENGINES

async function start(): Promise<Engine> {
  await buildImages(dockerClient())
  return startMockEngine({
    editor: { image: IMAGE },
    static: { image: IMAGE, staticToken: true },
    warm: { image: WARM_IMAGE, warm: 1 },
  })
}

if (missing) it('containers of the mock platform', ({ skip }) => skip(missing))
else describeContract('containers of the mock platform', 'containers', start)
