// @ts-check
// A real Plane on this machine: its controller on its own PostgreSQL, its proxy, and a drone on Docker. All of it
// ends with us, also by Ctrl-C or SIGKILL, and leaves nothing behind.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPostgres, startPostgres, whyNoPostgres } from './postgres.mjs'
import { quote, supervise, whenReady } from './supervise.mjs'

const VERSION = '0.5.5'
const CACHE = join(homedir(), '.cache/session-backend', `plane-${VERSION}`)
const PROGRAM = join(CACHE, 'bin/plane')

/**
 * @typedef {object} RunningPlane
 * @property {string} controllerUrl
 * @property {string} cluster The cluster's name, which is where its proxy listens too.
 * @property {() => Promise<void>} restartController Ends the controller and starts it again, at the same
 * address.
 * @property {() => Promise<Drone>} startDrone Starts another drone.
 * @property {Drone} drone The first drone.
 * @property {() => Promise<void>} stop Ends all of it. The containers are Docker's: they end with that.
 *
 * @typedef {object} Drone
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
    const [port, proxyPort] = await findPorts()
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

    const startDrone = async () => {
      const before = await countDrones(controllerUrl, cluster)
      const folder = mkdtempSync(join(tmpdir(), 'session-backend-drone-'))
      const drone = supervise(
        [
          ...['/bin/sh', '-c', 'echo $$ >"$1"; shift; exec "$@"', 'sh', join(folder, 'pid')],
          ...['env', `DOCKER_HOST=${dockerHost}`, PROGRAM, 'drone', ...node],
          ...['--ip', '127.0.0.1', '--db', join(folder, 'state.db')],
          ...(mountBase === undefined ? [] : ['--mount-base', mountBase]),
        ],
        `rm -rf ${quote(folder)}`,
      )
      running.unshift(drone.stop)
      await whenReady(
        'The drone of Plane',
        drone,
        async () => (await countDrones(controllerUrl, cluster)) > before,
      )
      const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
      const kill = async () => {
        process.kill(pid, 'SIGKILL')
        await drone.exited
      }
      return { kill }
    }
    const drone = await startDrone()

    const restartController = async () => {
      await controller.stop()
      controller = await startController()
    }
    return { controllerUrl, cluster, restartController, startDrone, drone, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * Two ports that were free a moment ago: Plane has to be told which to take. @returns {Promise<[number,
 * number]>}
 */
async function findPorts() {
  const servers = [createServer(), createServer()]
  const [one = 0, two = 0] = await Promise.all(
    servers.map(
      (server) =>
        new Promise((/** @type {(port: number) => void} */ resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(typeof address === 'object' && address ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return [one, two]
}

/** How many drones the controller hears of. @param {string} controllerUrl @param {string} cluster */
async function countDrones(controllerUrl, cluster) {
  const response = await fetch(`${controllerUrl}/ctrl/c/${cluster}/state`)
  const { drones = [] } = await response.json()
  return drones.filter((/** @type {{ ready?: boolean }} */ { ready }) => ready).length
}

/** @param {string} url */
function isOk(url) {
  return fetch(url).then(
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
