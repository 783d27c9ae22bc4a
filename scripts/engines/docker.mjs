// @ts-check
// Our own Docker Engine and registries, next to everything else that runs on the machine. They end with us, also by
// Ctrl-C or SIGKILL, and leave nothing behind.
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { quote, supervise, whenReady } from './supervise.mjs'

const run = promisify(execFile)

/**
 * Runs Docker's client, and resolves to what it prints.
 * @typedef {(...args: string[]) => Promise<string>} Docker
 *
 * @typedef {object} NodeImage
 * @property {Record<string, string>} [files] Where in the image, and from where on this machine; folders too.
 * @property {string[]} [command] What it runs.
 * @property {number} [user] Whose processes they are.
 */

/**
 * Starts a Docker Engine. It needs root, dockerd and docker; `host` is what DOCKER_HOST has to be.
 * @returns {Promise<{ host: string, stop: () => Promise<void> }>}
 */
export async function startDocker() {
  const folder = mkdtempSync(join(tmpdir(), 'session-backend-docker-'))
  const socket = join(folder, 'docker.sock')
  const bridge = addBridge()
  const host = `unix://${socket}`
  const daemon = supervise(
    [
      'dockerd',
      ...['--host', host, '--pidfile', join(folder, 'docker.pid')],
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
      ...['--bridge', bridge, '--shutdown-timeout', '1'],
      // Ports that containers publish are this machine's own: there is no token behind them.
      ...['--ip', '127.0.0.1'],
      // The machine's own network stays as it is: containers are reached from here, and reach nothing else.
      ...['--iptables=false', '--ip-forward=false', '--ip-masq=false'],
    ],
    removing(folder, bridge),
  )
  await whenReady('Docker', daemon, () => accepts({ path: socket }))
  return { host, stop: daemon.stop }
}

/**
 * A client of the engine at `host`. Sign-ins are kept in the folder `config`.
 * @param {{ host?: string | undefined, config?: string }} options
 * @returns {Docker}
 */
export function dockerClient({ host = process.env.DOCKER_HOST, config } = {}) {
  const env = { ...process.env, ...(host && { DOCKER_HOST: host }), ...(config && { DOCKER_CONFIG: config }) }
  return async (...args) => (await run('docker', args, { env, maxBuffer: 64 * 1024 * 1024 })).stdout
}

/** Why startDocker cannot work here, or undefined. */
export function whyNoDocker() {
  if (process.platform !== 'linux') return 'Docker needs Linux'
  if (process.getuid?.() !== 0) return 'Docker needs root'
  const missing = ['dockerd', 'docker', 'docker-registry', 'ip'].filter((program) => !isInstalled(program))
  return missing.length === 0 ? undefined : `there is no ${missing.join(', no ')} on this machine`
}

/**
 * Installs Debian's Docker and registry where they are missing and we may; says so where not.
 * @param {(title: string, file: string, args: string[], options: { optional: boolean }) => void} step
 */
export function installDocker(step) {
  if (process.getuid?.() !== 0 || !isInstalled('apt-get') || whyNoDocker() === undefined) return
  const optional = true
  step('Updating the list of Debian packages', 'apt-get', ['update', '--quiet'], { optional })
  const packages = ['docker.io', 'docker-registry', 'iproute2']
  const options = ['--quiet', '--yes', '--no-install-recommends']
  step('Installing Docker and its registry', 'apt-get', ['install', ...options, ...packages], { optional })
}

/** A network of this engine's own, whose addresses nobody on this machine uses. */
function addBridge() {
  const used = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  for (let number = process.pid % 100; ; number = (number + 1) % 100) {
    const prefix = `10.${100 + number}.`
    if (used.some(({ address }) => address.startsWith(prefix))) continue
    const name = `sb-engine-${number}`
    try {
      execFileSync('ip', ['link', 'add', name, 'type', 'bridge'], { stdio: 'pipe' })
    } catch (error) {
      if (String(error).includes('File exists')) continue
      throw error
    }
    execFileSync('ip', ['address', 'add', `${prefix}0.1/20`, 'dev', name])
    execFileSync('ip', ['link', 'set', name, 'up'])
    return name
  }
}

/** @param {string} folder @param {string} bridge */
function removing(folder, bridge) {
  return `
    grep -o ${quote(`${folder}/[^ ]*`)} /proc/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
    rm -rf ${quote(folder)}
    ip link delete ${bridge}
  `
}

const NODE = '/usr/local/bin/node'

/**
 * Makes an image of this machine's Node, without a network: the program and the libraries that it needs.
 * @param {Docker} docker
 * @param {string} name
 * @param {NodeImage} image
 */
export async function buildNodeImage(docker, name, { files = {}, command = [NODE], user = 0 }) {
  const node = await withLibraries({ [NODE]: process.execPath })
  await buildImage(docker, name, { files: { ...node, ...files }, command, user })
}

/**
 * Programs with the libraries that they need, as files of an image.
 * @param {Record<string, string>} programs Where in the image, and from where on this machine.
 */
export async function withLibraries(programs) {
  const libraries = await Promise.all(Object.values(programs).map(librariesOf))
  return { ...programs, ...Object.fromEntries(libraries.flat().map((path) => [path, path])) }
}

/**
 * Makes an image that has nothing but the files.
 * @param {Docker} docker
 * @param {string} name
 * @param {{ files: Record<string, string>, command: string[], user?: number }} image As in {@link NodeImage}.
 */
export async function buildImage(docker, name, { files, command, user = 0 }) {
  const folder = mkdtempSync(join(tmpdir(), 'session-backend-image-'))
  /** @param {string} from @param {string} to */
  const copy = (from, to) => {
    mkdirSync(dirname(join(folder, 'root', to)), { recursive: true })
    cpSync(from, join(folder, 'root', to), { recursive: true, dereference: true })
  }
  try {
    for (const [to, from] of Object.entries(files)) copy(from, to)
    mkdirSync(join(folder, 'root/tmp'), { recursive: true })
    // `mkdirSync` would apply the umask.
    chmodSync(join(folder, 'root/tmp'), 0o1777)
    await run('tar', ['-C', join(folder, 'root'), '-cf', join(folder, 'image.tar'), '.'])
    const changes = [
      `CMD ${JSON.stringify(command)}`,
      `ENV PATH=${dirname(NODE)}:/usr/bin:/bin`,
      `USER ${user}`,
    ]
    await docker(
      'import',
      ...changes.flatMap((change) => ['--change', change]),
      join(folder, 'image.tar'),
      name,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} program */
async function librariesOf(program) {
  const { stdout } = await run('ldd', [program]).catch(() => ({ stdout: '' }))
  return [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = '']) => path)
}

/**
 * Starts a registry that asks for no sign-in, at an address of 127.0.0.1.
 * @returns {Promise<{ address: string, stop: () => Promise<void> }>}
 */
export async function startRegistry() {
  const folder = mkdtempSync(join(tmpdir(), 'session-backend-registry-'))
  const config = {
    version: '0.1',
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: '127.0.0.1:0', secret: 'of-no-use-to-anybody' },
  }
  // JSON is YAML too.
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config))
  const command = ['docker-registry', 'serve', join(folder, 'config.yml')]
  const registry = supervise(command, `rm -rf ${quote(folder)}`)
  let address = ''
  await whenReady('The registry', registry, async () => {
    const [, found = ''] = /listening on (127\.0\.0\.1:\d+)/.exec(registry.output()) ?? []
    address = found
    return found !== ''
  })
  return { address, stop: registry.stop }
}

/** @param {string} program */
function isInstalled(program) {
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${quote(program)}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** @param {{ path: string }} where @returns {Promise<boolean>} */
function accepts(where) {
  return new Promise((resolve) => {
    const socket = createConnection(where)
    const answer = (/** @type {boolean} */ accepted) => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
  })
}
