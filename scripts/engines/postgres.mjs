// @ts-check
// Our own PostgreSQL: in a temporary folder, by a socket in that folder, and gone with us.
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { quote, supervise, whenReady } from './supervise.mjs'

const run = promisify(execFile)

/** Where Debian has the server's programs, which are not on the PATH. */
const DEBIAN = '/usr/lib/postgresql'

/** Why startPostgres cannot work here, or undefined. */
export function whyNoPostgres() {
  if (findBin() === undefined) return 'there is no PostgreSQL on this machine'
  if (process.getuid?.() === 0 && findUser() === undefined) return 'PostgreSQL needs a user who is not root'
  return undefined
}

/**
 * Installs PostgreSQL if it is missing and we may.
 * @param {(title: string, file: string, args: string[], options: { optional: boolean }) => void} step
 */
export function installPostgres(step) {
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (whyNoPostgres() === undefined || !mayInstall) return
  const args = ['install', '--quiet', '--yes', '--no-install-recommends', 'postgresql']
  step('Installing PostgreSQL', 'apt-get', args, { optional: true })
}

/** The folder of the newest version's programs. */
function findBin() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(Number).filter(Number.isInteger) : []
  const bin = join(DEBIAN, String(Math.max(...versions)), 'bin')
  return existsSync(join(bin, 'initdb')) ? bin : undefined
}

/** PostgreSQL refuses to run as root. */
function findUser() {
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = ['-u', '-g'].map((flag) =>
        Number(execFileSync('id', [flag, name], { stdio: 'pipe' })),
      )
      if (uid !== undefined && gid !== undefined) return { uid, gid }
    } catch {
      // There is no such user.
    }
  }
  return undefined
}

/**
 * Starts an empty database. Only its owner and root can reach it: it listens on no port.
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startPostgres() {
  const bin = findBin()
  if (bin === undefined) throw new Error(whyNoPostgres())
  const folder = mkdtempSync(join(tmpdir(), 'session-backend-postgres-'))
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  const user = process.getuid?.() === 0 ? findUser() : undefined
  if (user) for (const path of [folder, data]) chownSync(path, user.uid, user.gid)
  chmodSync(folder, 0o700)
  const as = user ? ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : []
  const initdb = [
    ...as,
    join(bin, 'initdb'),
    '--pgdata',
    data,
    '--username=plane',
    '--auth=trust',
    '--no-sync',
  ]
  await run(initdb[0] ?? '', initdb.slice(1), { cwd: folder })
  const server = supervise(
    [
      ...as,
      join(bin, 'postgres'),
      ...['-D', data, '-k', folder, '-c', 'listen_addresses='],
      // What is lost with the machine is of no use after it.
      ...['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'],
    ],
    `rm -rf ${quote(folder)}`,
  )
  await whenReady('PostgreSQL', server, async () =>
    run(join(bin, 'pg_isready'), ['--quiet', '-h', folder, '-U', 'plane']).then(
      () => true,
      () => false,
    ),
  )
  return { url: `postgres://plane@localhost/postgres?host=${encodeURIComponent(folder)}`, stop: server.stop }
}
