// @ts-check
// The production layout of docs/engines.md, run as it is written there: two controllers behind nginx, a proxy and a
// drone, each with its own token. Only addresses and folders are other ones, and there is no TLS.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startDocker, whyNoDocker } from './docker.mjs'
import { isOk, PLANE_PATH, readCluster, whyNoPlane } from './plane.mjs'
import { findPorts } from './ports.mjs'
import { startPostgres } from './postgres.mjs'
import { quote, supervise, whenReady } from './supervise.mjs'

const PAGE = join(import.meta.dirname, '../../docs/engines.md')

/**
 * @typedef {object} Production
 * @property {string} controllerUrl Where nginx listens.
 * @property {string} cluster The cluster's name, which is where the proxy listens too.
 * @property {string[]} controllers Where the controllers listen, which nobody but nginx uses.
 * @property {Record<'app' | 'proxy' | 'drone' | 'operator', string>} tokens By whose they are.
 * @property {() => Promise<void>} stopController Ends one of the controllers.
 * @property {string} folder Where the files of the page are, `platform.ts` too.
 * @property {() => Promise<void>} stop Ends all of it. The containers are Docker's: they end with that.
 */

/** Why startProduction cannot work here, or undefined. It also needs Docker. */
export function whyNoProduction() {
  if (spawnSync('nginx', ['-v']).status !== 0) return 'there is no nginx on this machine'
  return whyNoPlane()
}

/**
 * Installs nginx if it is missing and we may.
 * @param {(title: string, file: string, args: string[], options: { optional: boolean }) => void} step
 */
export function installNginx(step) {
  if (process.getuid?.() !== 0 || spawnSync('nginx', ['-v']).status === 0) return
  const args = ['install', '--quiet', '--yes', '--no-install-recommends', 'nginx-light']
  step('Installing nginx', 'apt-get', args, { optional: true })
}

/**
 * The files of the layout, by the name in their first line.
 * @returns {Map<string, string>}
 */
function readLayout() {
  const [, section = ''] = readFileSync(PAGE, 'utf8').split('\n### In production\n')
  const [body = ''] = section.split(/\n##+ /, 1)
  const blocks = [...body.matchAll(/^```\w+\n(?:#|\/\/) ([\w./-]+)[^\n]*\n(.*?)^```$/gms)]
  return new Map(blocks.map(([, name = '', code = '']) => [name, code]))
}

/**
 * Starts the layout.
 * @param {{ dockerHost: string }} options The Docker Engine of the drone, as DOCKER_HOST names it.
 * @returns {Promise<Production>}
 */
export async function startProduction({ dockerHost }) {
  /** @type {(() => Promise<void>)[]} */
  const running = []
  const stop = async () => {
    for (const end of running.splice(0)) await end()
  }
  try {
    const database = await startPostgres()
    running.unshift(database.stop)
    const folder = mkdtempSync(join(tmpdir(), 'session-backend-production-'))
    running.push(async () => rmSync(folder, { recursive: true, force: true }))
    const [first = 0, second = 0, front = 0, proxyPort = 0] = await findPorts(4)
    const cluster = `localhost:${proxyPort}`
    const tokens = createTokens()
    const write = writeFiles(folder, tokens, [
      ['10.0.0.5:8080', `127.0.0.1:${front}`],
      ['127.0.0.1:8081', `127.0.0.1:${first}`],
      ['127.0.0.1:8082', `127.0.0.1:${second}`],
      ['backends.example.com', cluster],
      ['10.0.1.7', '127.0.0.1'],
      ['/etc/nginx/', `${folder}/`],
      ['/var/lib/plane/', `${folder}/`],
      [/--https [^\n]*\n[^\n]*/, `--http-port ${proxyPort}`],
    ])
    const env = { PATH: `${PLANE_PATH}:${process.env.PATH}`, DOCKER_HOST: dockerHost }

    /** @param {string} name @param {Record<string, string>} variables */
    const startScript = (name, variables) => {
      const assignments = Object.entries({ ...env, ...variables }).map(([key, value]) => `${key}=${value}`)
      const program = supervise(['env', ...assignments, 'sh', write(name)])
      running.unshift(program.stop)
      return program
    }
    const startController = async (/** @type {number} */ port) => {
      const controller = startScript('controller.sh', { PORT: String(port), DATABASE_URL: database.url })
      await whenReady('A controller', controller, () => isOk(`http://127.0.0.1:${port}/ctrl/status`))
      return controller
    }
    const controllers = [await startController(first), await startController(second)]

    write('/etc/nginx/plane-tokens')
    const nginx = supervise(
      nginxCommand(folder, write('/etc/nginx/conf.d/plane.conf')),
      `rm -rf ${quote(folder)}`,
    )
    running.unshift(nginx.stop)
    const controllerUrl = `http://127.0.0.1:${front}`
    const headers = { authorization: `Bearer ${tokens.operator}` }
    await whenReady('nginx', nginx, () => isOk(`${controllerUrl}/ctrl/status`, headers))

    const proxy = startScript('proxy.sh', { PLANE_TOKEN: tokens.proxy })
    const drone = startScript('drone.sh', { PLANE_TOKEN: tokens.drone })
    const read = () => readCluster(controllerUrl, cluster, headers)
    await whenReady('The proxy', proxy, async () => (await read()).proxies.length > 0)
    await whenReady('The drone', drone, async () => (await read()).drones.some(({ ready }) => ready))
    write('platform.ts')
    return {
      controllerUrl,
      cluster,
      controllers: [first, second].map((port) => `http://127.0.0.1:${port}`),
      tokens,
      folder,
      stopController: async () => controllers[0]?.stop(),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function createTokens() {
  const make = () => randomBytes(24).toString('hex')
  return { app: make(), proxy: make(), drone: make(), operator: make() }
}

/**
 * Writes files of the page into a folder, with other addresses and real tokens. Returns where each is.
 * @param {string} folder
 * @param {Production['tokens']} tokens
 * @param {[string | RegExp, string][]} replacements
 */
function writeFiles(folder, tokens, replacements) {
  const layout = readLayout()
  const all = [
    ...replacements,
    ...Object.entries(tokens).map(
      ([role, token]) =>
        /** @type {[RegExp, string]} */ ([new RegExp(`token-of-the-${PLURALS[role] ?? role}\\b`), token]),
    ),
  ]
  return (/** @type {string} */ name) => {
    const code = layout.get(name)
    if (code === undefined) throw new Error(`docs/engines.md must have the file ${name}.`)
    const file = join(folder, name.replace('/etc/nginx/', ''))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(
      file,
      all.reduce(
        (text, [from, to]) =>
          text.replaceAll(typeof from === 'string' ? from : new RegExp(from, `${from.flags}g`), to),
        code,
      ),
    )
    return file
  }
}

/** @type {Record<string, string>} */
const PLURALS = { proxy: 'proxies', drone: 'drones', operator: 'operators' }

/** Debian's nginx includes `conf.d` in its own configuration; this one includes nothing else. */
function nginxCommand(/** @type {string} */ folder, /** @type {string} */ config) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/tmp;`,
  )
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/nginx.pid; error_log stderr;
events {}
http { access_log off; ${temporary.join(' ')} include ${config}; }
`,
  )
  return ['nginx', '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]
}

/** From a terminal: runs it until Ctrl-C. */
async function main() {
  const missing = whyNoDocker() ?? whyNoProduction()
  if (missing)
    throw new Error(
      `The production layout needs Linux, root, Docker, PostgreSQL, nginx and Plane: ${missing}.`,
    )
  const docker = await startDocker()
  const production = await startProduction({ dockerHost: docker.host })
  console.log(`plane({ controllerUrl: '${production.controllerUrl}', token: '${production.tokens.app}', … })`)
  console.log(`DOCKER_HOST=${docker.host} has the drone's images. Ctrl-C ends all of it.`)
  process.once('SIGINT', async () => {
    await production.stop()
    await docker.stop()
    process.exit()
  })
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main()
