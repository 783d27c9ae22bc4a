// @ts-check
// npm start, npm test and the like: everything a fresh machine with Node and npm needs, then the job itself.
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { installChromium, installEngines } from './chromium.mjs'
import { installDocker, whyNoDocker } from './engines/docker.mjs'
import { startEditorsPlane } from './engines/editor-on-plane.mjs'
import { installPlane, whyNoPlane } from './engines/plane.mjs'
import { installPostgres } from './engines/postgres.mjs'
import { installNginx } from './engines/production.mjs'
import { installVersitygw } from './engines/versitygw.mjs'
import { runEngineTests, runLongTests, runOtherTests, runTests } from './tests.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { packageManager, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const [command, ...args] = process.argv.slice(2)

requireNode()
step('Installing packages', 'npx', [
  '--yes',
  packageManager,
  'install',
  '--frozen-lockfile',
  '--prefer-offline',
])

if (command === 'start') await startExample('express-editor')
else if (command === 'start:whiteboard') await startExample('next-whiteboard')
else if (command === 'start:plane') await startOnPlane()
else if (command === 'test') await test()
else if (command === 'test:long') process.exitCode = await runLongTests(root, args)
else if (command === 'test:engines') await testEngines()
else if (command === 'test:hosts') await testHosts()
else if (command === 'test:stress') await testStress()
else if (command === 'test:packages') await testPackages()
else if (command === 'test:browsers') await testBrowsers()
else if (command === 'bench') await runBench()
else if (command === 'docs') await buildDocs()
else fail(`There is no command "${command}". See the scripts in package.json.`)

/**
 * Runs an example in this very process, so that one Ctrl-C reaches it once.
 * @param {string} name
 */
async function startExample(name) {
  buildExample(name)
  const main = join(root, 'examples', name, 'dist/main.js')
  process.argv = [process.execPath, main, ...args]
  await import(pathToFileURL(main).href)
}

/** Runs the editor on its own real Plane on this machine. */
async function startOnPlane() {
  installDocker(step)
  installPlane(step)
  const missing = whyNoDocker() ?? whyNoPlane()
  if (missing) fail(`The editor on Plane needs Linux, root, Docker, PostgreSQL and Plane: ${missing}.`)
  buildExample('express-editor')
  const dist = join(root, 'examples/express-editor/dist')
  // As the editor itself reads its arguments.
  const given = args.find((arg) => !arg.startsWith('-'))
  const folder = given === undefined ? copySamples() : resolve(process.env.INIT_CWD ?? '.', given)
  const engine = await startEditorsPlane({
    backend: join(dist, 'backend-alone.mjs'),
    mountBase: dirname(realpathSync(folder)),
    progress,
  })
  console.log(
    `Plane's controller is at ${engine.controllerUrl}; the edit history is kept in ${folder}/.session-backend.`,
  )
  const planeFlags = [`--plane=${engine.controllerUrl}`, `--image=${engine.image}`]
  const folderArg = given === undefined ? [folder] : []
  process.argv = [process.execPath, join(dist, 'main.js'), ...folderArg, ...args, ...planeFlags]
  await import(pathToFileURL(join(dist, 'main.js')).href)
}

/** Copies the editor's sample files to where they can be edited, except for those that are there already. */
function copySamples() {
  const example = join(root, 'examples/express-editor')
  const folder = join(example, '.state/sample')
  cpSync(join(example, 'sample'), folder, { recursive: true, force: false })
  return folder
}

/** @param {string} name */
function buildExample(name) {
  const withItsPackages = `@session-backend/example-${name}...`
  step('Building the packages and the example', 'npx', [
    '--yes',
    packageManager,
    '--filter',
    withItsPackages,
    'run',
    'build',
  ])
}

async function runBench() {
  step('Building packages', 'npx', ['--yes', packageManager, '--filter', './packages/*', 'run', 'build'])
  installChromium(step)
  installNginx(step)
  process.argv = [process.execPath, join(root, 'bench/run.mjs'), ...args]
  await import('../bench/run.mjs')
}

/**
 * What the tests of `npm test` start. Declarations take four fifths of a package's build, and only other
 * packages read them; the whiteboard takes Next half a minute, and `npm run test:browsers` opens it.
 */
function buildPackagesAndEditor() {
  /** @type {(filter: string, ...flags: string[]) => string[]} */
  const build = (filter, ...flags) => ['--yes', packageManager, '--filter', filter, 'run', 'build', ...flags]
  step('Building packages', 'npx', build('./packages/*', '--no-dts'))
  step('Building the editor', 'npx', build('./examples/express-editor'))
}

async function test() {
  buildPackagesAndEditor()
  installChromium(step)
  installPostgres(step)
  process.exitCode = await runTests(root, args)
}

async function testEngines() {
  step('Building packages and examples', 'npx', ['--yes', packageManager, 'run', 'build'])
  installDocker(step)
  installPlane(step)
  installNginx(step)
  installVersitygw(step)
  installChromium(step)
  process.exitCode = await runEngineTests(root, args, whyNoDocker())
}

async function testStress() {
  buildPackagesAndEditor()
  process.exitCode = await runOtherTests(root, 'stress', args)
}

async function testPackages() {
  step('Building packages', 'npx', ['--yes', packageManager, '--filter', './packages/*', 'run', 'build'])
  installNginx(step)
  process.exitCode = await runOtherTests(root, 'packages', args)
}

async function testBrowsers() {
  step('Building packages and examples', 'npx', ['--yes', packageManager, 'run', 'build'])
  installEngines(step)
  process.exitCode = await runOtherTests(root, 'browsers', args)
}

/** The site's tools are not part of the workspace: only who builds the site needs them. */
async function buildDocs() {
  const site = ['--yes', packageManager, '--dir', 'site']
  step('Installing the site', 'npx', [
    ...site,
    'install',
    '--ignore-workspace',
    '--frozen-lockfile',
    '--prefer-offline',
  ])
  step('Building the site', 'npx', [...site, 'run', 'build'])
  if (args.includes('--build-only')) return console.log('The site is in site/.vitepress/dist.')
  const { serve } = await import(
    pathToFileURL(join(root, 'site/node_modules/vitepress/dist/node/index.js')).href
  )
  await serve({ root: join(root, 'site') })
}

/**
 * The frameworks and runtimes are not part of the workspace: nobody else needs them, and they weigh 300 MB.
 */
async function testHosts() {
  step('Building packages', 'npx', ['--yes', packageManager, '--filter', './packages/*', 'run', 'build'])
  const install = ['install', '--ignore-workspace', '--frozen-lockfile', '--prefer-offline']
  step('Installing the hosts', 'npx', [
    '--yes',
    packageManager,
    '--dir',
    'packages/server/test-hosts',
    ...install,
  ])
  process.exitCode = await runOtherTests(root, 'hosts', args)
}

/**
 * One part of the set-up: says what it does and how long it took, and shows its output only if it fails.
 * @param {string} title
 * @param {string} file
 * @param {string[]} commandArgs
 * @param {{ optional: boolean }} options
 */
function step(title, file, commandArgs, options = { optional: false }) {
  const startedAt = performance.now()
  process.stdout.write(`${title} … `)
  const { status, signal, error, stdout, stderr } = spawnSync(file, commandArgs, {
    cwd: root,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  if (status === 0) return console.log(`${seconds} s`)
  console.log(`failed after ${seconds} s`)
  process.stdout.write(stdout ?? '')
  process.stderr.write(stderr ?? '')
  const reason = error?.message ?? (signal ? `it was ended by ${signal}` : `it exited with ${status}`)
  if (options.optional) return console.log(`${title} did not work (${reason}).`)
  fail(`${title} did not work: ${reason}. The lines above say why.`)
}

/**
 * A part that takes its time.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 */
async function progress(title, work) {
  const startedAt = performance.now()
  process.stdout.write(`${title} … `)
  const result = await work()
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  return result
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)) return
  fail(
    `Node ${engines.node} is needed; this is ${process.version}. There are newer ones at https://nodejs.org.`,
  )
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message)
  process.exit(1)
}
