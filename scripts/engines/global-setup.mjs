// @ts-check
// For all tests of real engines together: their own Docker Engine, at DOCKER_HOST.
import { startDocker, whyNoDocker } from './docker.mjs'

/** Where it cannot run, NO_ENGINES says why, and the tests are skipped. */
export default async function setup() {
  process.env.NO_ENGINES ||= whyNoDocker() ?? ''
  if (process.env.NO_ENGINES) return
  const docker = await startDocker()
  process.env.DOCKER_HOST = docker.host
  return docker.stop
}
