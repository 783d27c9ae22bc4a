// @ts-check
// A real Plane on this machine: its controller on its own PostgreSQL, its proxy, and a drone on Docker. All of it
// ends with us, also by Ctrl-C or SIGKILL, and leaves nothing behind.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPorts } from './ports.mjs'
import { installPostgres, startPostgres, whyNoPostgres } from './postgres.mjs'
import { quote, supervise, whenReady } from './supervise.mjs'

const VERSION = '0.5.5'
const CACHE = join(homedir(), '.cache/session-backend', `plane-${VERSION}`)
/** The folder of the program. */
export const PLANE_PATH = join(CACHE, 'bin')
const PROGRAM = join(PLANE_PATH, 'plane')

/**
 * @typedef {object} RunningPlane
 * @property {string} controllerUrl
 * @property {string} databaseUrl
 * @property {string} cluster The cluster's name, which is where its proxy listens too.
 * @property {() => Promise<void>} restartController Ends the controller and starts it again, at the same
 * address.
 * @property {() => Promise<Drone>} startDrone Starts another drone.
 * @property {Drone} drone The first drone.
 * @property {() => Promise<Map<string, number>>} countBackends Resolves to how many backends each drone runs.
 * @property {() => Promise<void>} stop Ends all of it. The containers are Docker's: they end with that.
 *
 * @typedef {object} Drone
 * @property {string} name
 * @property {() => Promise<void>} drain Keeps new backends away from it.
 * @property {() => Promise<void>} stop Ends it by SIGTERM.
 * @property {() => Promise<void>} kill Ends it by SIGKILL, as the loss of its machine would. Its containers
 * stay.
 */

/** Why startPlane cannot work here, or undefined. It also needs Docker. */
export function whyNoPlane() {
  return existsSync(PROGRAM) ? whyNoPostgres() : `Plane ${VERSION} is not built on this machine`
}

/**
 * Builds Plane from its package where it is missing, and installs PostgreSQL where we may; says so where not.
 * @param {(title: string, file: string, args: string[], options: { optional: boolean }) => void} step
 */
export function installPlane(step) {
  installPostgres(step)
  if (existsSync(PROGRAM)) return
  if (!isInstalled('cargo'))
    return console.log('Plane is built by Rust: install cargo, from https://rustup.rs.')
  console.log(`Building Plane ${VERSION}. It takes several minutes, once.`)
  const args = ['install', 'plane', '--version', VERSION, '--locked', '--root', CACHE]
  // Without the flag the package does not compile.
  const env = { ...process.env, RUSTFLAGS: '--cfg tracing_unstable' }
  const { status } = spawnSync('cargo', args, { stdio: 'inherit', env })
  if (status !== 0) console.log('Plane could not be built. The lines above say why.')
}

/**
 * Starts a controller, a proxy and a drone.
 * @param {object} options
 * @param {string} options.dockerHost The Docker Engine of the drone, as DOCKER_HOST names it.
 * @param {string} [options.mountBase] The folder below which backends may mount folders.
 * @returns {Promise<RunningPlane>}
 */
export async function startPlane({ dockerHost, mountBase }) {
  /** @type {(() => Promise<void>)[]} */
  const running = []
  const stop = async () => {
    for (const end of running.splice(0)) await end()
  }
  try {
    const database = await startPostgres()
    running.unshift(database.stop)
    const [port = 0, proxyPort = 0] = await findPorts(2)
    const controllerUrl = `http://127.0.0.1:${port}`
    const cluster = `localhost:${proxyPort}`
    const node = ['--controller-url', `ws://127.0.0.1:${port}/`, '--cluster', cluster]

    const startController = async () => {
      const controller = supervise([
        ...[PROGRAM, 'controller', '--db', database.url, '--host', '127.0.0.1', '--port', String(port)],
        ...['--controller-url', controllerUrl, '--default-cluster', cluster],
      ])
      await whenReady('The controller of Plane', controller, () => isOk(`${controllerUrl}/ctrl/status`))
      return controller
    }
    let controller = await startController()
    running.unshift(() => controller.stop())

    const proxy = supervise([PROGRAM, 'proxy', ...node, '--http-port', String(proxyPort)])
    running.unshift(proxy.stop)
    await whenReady('The proxy of Plane', proxy, () => answers(`http://127.0.0.1:${proxyPort}/`))

    let count = 0
    const startDrone = async () => {
      const name = `dr-${++count}`
      const folder = mkdtempSync(join(tmpdir(), 'session-backend-drone-'))
      const drone = supervise(
        [
          ...['/bin/sh', '-c', 'echo $$ >"$1"; shift; exec "$@"', 'sh', join(folder, 'pid')],
          ...['env', `DOCKER_HOST=${dockerHost}`, PROGRAM, 'drone', ...node],
          ...['--name', name, '--ip', '127.0.0.1', '--db', join(folder, 'state.db')],
          ...(mountBase === undefined ? [] : ['--mount-base', mountBase]),
        ],
        `rm -rf ${quote(folder)}`,
      )
      running.unshift(drone.stop)
      await whenReady('The drone of Plane', drone, async () =>
        (await readCluster(controllerUrl, cluster)).drones.some(
          ({ ready, node }) => ready && node.name.Drone === name,
        ),
      )
      const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
      const kill = async () => {
        process.kill(pid, 'SIGKILL')
        await drone.exited
      }
      const drain = async () => {
        const response = await fetch(`${controllerUrl}/ctrl/c/${cluster}/d/${name}/drain`, { method: 'POST' })
        if (!response.ok) throw new Error(`The drain was answered with ${response.status}.`)
      }
      return { name, drain, stop: drone.stop, kill }
    }
    const drone = await startDrone()

    const restartController = async () => {
      await controller.stop()
      controller = await startController()
    }
    const countBackends = async () => {
      const { drones } = await readCluster(controllerUrl, cluster)
      return new Map(drones.map(({ node, backend_count }) => [node.name.Drone, backend_count]))
    }
    return {
      controllerUrl,
      databaseUrl: database.url,
      cluster,
      restartController,
      startDrone,
      drone,
      countBackends,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * What the controller knows of a cluster. It can't say while a drone registers: nothing, then.
 * @param {string} controllerUrl
 * @param {string} cluster
 * @param {Record<string, string>} [headers]
 * @returns {Promise<{ proxies: unknown[], drones: { ready: boolean, backend_count: number, node: { name: { Drone: string } } }[] }>}
 */
export async function readCluster(controllerUrl, cluster, headers = {}) {
  const response = await fetch(`${controllerUrl}/ctrl/c/${cluster}/state`, { headers })
  const { proxies = [], drones = [] } = await response.json()
  return { proxies, drones }
}

/** Whether a GET of the URL succeeds. @param {string} url @param {Record<string, string>} [headers] */
export function isOk(url, headers = {}) {
  return fetch(url, { headers }).then(
    ({ ok }) => ok,
    () => false,
  )
}

/** @param {string} url */
function answers(url) {
  return fetch(url).then(
    () => true,
    () => false,
  )
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
