// @ts-check
// A server that speaks S3, with conditional writes: Versity's gateway to a folder.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPorts } from './ports.mjs'
import { quote, supervise, whenReady } from './supervise.mjs'

const VERSION = 'v1.8.0'
/** What all tests sign with. */
export const CREDENTIALS = { accessKeyId: 'session', secretAccessKey: 'backend' }

const bin = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'session-backend', VERSION)
const program = join(bin, 'versitygw')

/** Why startVersitygw cannot work here, or undefined. */
export function whyNoVersitygw() {
  return existsSync(program) ? undefined : `there is no versitygw ${VERSION}: npm run test:engines builds it`
}

/**
 * Builds it with Go, if there is one.
 * @param {(title: string, file: string, args: string[], options: { optional: boolean }) => void} step
 */
export function installVersitygw(step) {
  if (whyNoVersitygw() === undefined || spawnSync('go', ['version']).status !== 0) return
  const install = ['go', 'install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`]
  step('Building a server that speaks S3', 'env', [`GOBIN=${bin}`, ...install], { optional: true })
}

/**
 * Starts it on an empty bucket called `documents`.
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startVersitygw() {
  const folder = mkdtempSync(join(tmpdir(), 'session-backend-s3-'))
  mkdirSync(join(folder, 'documents'))
  const [port] = await findPorts(1)
  const { accessKeyId, secretAccessKey } = CREDENTIALS
  const flags = ['--access', accessKeyId, '--secret', secretAccessKey, '--port', `127.0.0.1:${port}`]
  // Without `--sidecar`: with it, a reader may get the checksum of one write and the body of another.
  const server = supervise([program, ...flags, 'posix', folder], `rm -rf ${quote(folder)}`)
  const url = `http://127.0.0.1:${port}`
  await whenReady('versitygw', server, () =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  )
  return { url, stop: server.stop }
}
