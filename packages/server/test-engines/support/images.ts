import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildNodeImage, type Docker } from '../../../../scripts/engines/docker.mjs'

// No registry listens at this address, so an unknown tag is refused at once.
export const IMAGE = '127.0.0.1:1/contract/backend'
export const WARM_IMAGE = '127.0.0.1:1/contract/warm'

const fileOf = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const PROGRAMS: [image: string, program: string, ...imports: string[]][] = [
  [IMAGE, fileOf('conformance/backend.mjs')],
  [
    WARM_IMAGE,
    fileOf('mock-platform/test/fixtures/warm.mjs'),
    fileOf('mock-platform/test/fixtures/pool.mjs'),
  ],
]

/** Makes the images of the contract's programs, each also with the tag `green`. */
export async function buildImages(docker: Docker): Promise<void> {
  for (const [image, program, ...imports] of PROGRAMS) {
    const inImage = (path: string) => `/app/${basename(path)}`
    await buildNodeImage(docker, image, {
      files: Object.fromEntries([program, ...imports].map((path) => [inImage(path), path])),
      command: ['/usr/local/bin/node', inImage(program)],
    })
    await docker('tag', image, `${image}:green`)
  }
}
