import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildNodeImage, dockerClient } from '../../../../scripts/engines/docker.mjs'

/** Why the tests of this folder cannot run here, if so. */
export const missing = process.env.NO_ENGINES

/** A client of the engine that all these tests share. */
export const docker = dockerClient()

const conformance = fileURLToPath(new URL('../../../conformance/backend.mjs', import.meta.url))

/** Makes an image of a Node program. Default: the conformance suite's backend. */
export function buildBackend(name: string, program = conformance): Promise<void> {
  return buildNodeImage(docker, name, {
    files: { '/app/backend.mjs': program },
    command: ['node', '/app/backend.mjs'],
  })
}

/** Makes an image of the program that waits in a warm pool, or breaks its protocol. */
export function buildWarm(name: string): Promise<void> {
  const fixture = (file: string) => fileURLToPath(new URL(`../../test/fixtures/${file}`, import.meta.url))
  return buildNodeImage(docker, name, {
    files: { '/app/warm.mjs': fixture('warm.mjs'), '/app/pool.mjs': fixture('pool.mjs') },
    command: ['node', '/app/warm.mjs'],
  })
}

/** Makes an image of a program that takes its document by the official library. It runs as a user who is not root. */
export function buildOfficial(name: string): Promise<void> {
  const library = createRequire(import.meta.url).resolve('@jamsocket/session-backend')
  return buildNodeImage(docker, name, {
    files: {
      '/app/backend.mjs': fileURLToPath(new URL('../../test/fixtures/warm-official.mjs', import.meta.url)),
      '/app/node_modules/@jamsocket/session-backend': dirname(dirname(library)),
    },
    command: ['node', '/app/backend.mjs'],
    user: 1000,
  })
}
