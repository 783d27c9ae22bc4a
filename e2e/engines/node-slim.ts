import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildImage, type Docker, withLibraries } from '../../scripts/engines/docker.mjs'
import { ENV, run } from '../published/created-app.ts'
import { installNode } from '../published/dockerfile.ts'

const NPM = '/usr/local/lib/node_modules/npm'
const CACHE = '/var/cache/npm'
/** npm has no network in the image. */
const NPMRC = `offline=true\ncache=${CACHE}\naudit=false\nfund=false\nupdate-notifier=false\n`
const USERS = 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n'

/**
 * Makes a stand-in for the image node:VERSION-slim, because there may be no registry of images: Node and npm
 * from their packages, and this machine's shell. Its npm installs only what is in the cache.
 *
 * @param cache A folder with npm's cache.
 * @param files More of the image: where, and from where on this machine.
 */
export async function buildNodeSlim(
  docker: Docker,
  image: string,
  { folder, cache, files }: { folder: string; cache: string; files: Record<string, string> },
): Promise<void> {
  const bin = await installNode(image, folder)
  await run('npm', ['install', '--prefix', folder, 'npm@11'], { env: ENV })
  const texts = {
    '/etc/passwd': USERS,
    '/usr/local/etc/npmrc': NPMRC,
    '/usr/local/bin/npm': `#!/bin/sh\nexec node ${NPM}/bin/npm-cli.js "$@"\n`,
  }
  const written: Record<string, string> = {}
  for (const [to, text] of Object.entries(texts)) {
    const from = join(folder, to.replaceAll('/', '_'))
    await writeFile(from, text, { mode: 0o755 })
    written[to] = from
  }
  const programs = { '/usr/local/bin/node': join(bin, 'node'), '/bin/sh': '/bin/sh' }
  await buildImage(docker, image, {
    files: {
      ...(await withLibraries(programs)),
      ...written,
      [NPM]: join(folder, 'node_modules/npm'),
      [CACHE]: cache,
      ...files,
    },
    command: ['node'],
  })
}
