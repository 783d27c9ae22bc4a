// @ts-check
// node scripts/engines/scaling/measure.mjs [DOCUMENTS] [STEP]: what one more document on a Plane of this machine costs each
// part. It opens DOCUMENTS, each with one open connection, STEP at a time, and ends at 80 % of the machine's memory.
// Prints a table for docs/scaling.md, also after Ctrl-C. As root, after `npm run test:engines` has installed what it needs.
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { buildImage, dockerClient, startDocker, whyNoDocker } from '../docker.mjs'
import { startPlane, whyNoPlane } from '../plane.mjs'
import { readDatabase, readReasons } from './database.mjs'
import { measureParts, memoryInUse } from './parts.mjs'
import { report } from './report.mjs'

const [documents = 1000, step = 100] = process.argv.slice(2).map(Number)
const IMAGE = 'scaling:local'
const MOST_MEMORY = 0.8
/** How many documents are being opened at a time. */
const AT_A_TIME = 8
/** How long nothing is opened, to measure what open documents cost, in ms. */
const REST = 30_000
/** After this time a client asks again, in ms. */
const PATIENCE = 20_000

const missing = whyNoDocker() ?? whyNoPlane()
if (missing)
  throw new Error(`This needs Linux, root, Docker, PostgreSQL, Plane and a C compiler: ${missing}.`)

const folder = mkdtempSync(join(tmpdir(), 'session-backend-scaling-'))
const backend = join(folder, 'backend')
const compiled = spawnSync('gcc', [
  '-static',
  '-Os',
  '-s',
  '-o',
  backend,
  join(import.meta.dirname, 'backend.c'),
])
if (compiled.status !== 0) throw new Error(`gcc failed: ${compiled.stderr}`)

const docker = await startDocker()
await buildImage(dockerClient({ host: docker.host }), IMAGE, {
  files: { '/backend': backend },
  command: ['/backend'],
})
rmSync(folder, { recursive: true })
const plane = await startPlane({ dockerHost: docker.host })
const app = fork(join(import.meta.dirname, 'app.mjs'), [plane.controllerUrl, IMAGE])
const [port] = await once(app, 'message')

const dockerFolder = docker.host.replace('unix://', '').replace('/docker.sock', '')
const databaseFolder = new URL(plane.databaseUrl).searchParams.get('host') ?? ''
/** @param {string[]} words */
const having = (...words) => ({
  is: (/** @type {string} */ command) => words.every((word) => command.includes(word)),
})
/** @type {import('./parts.mjs').Parts} */
const parts = {
  'app route': having('scaling/app.mjs', plane.controllerUrl),
  controller: having('plane controller', plane.controllerUrl),
  postmaster: having('bin/postgres', databaseFolder),
  'PostgreSQL sessions': { childOf: 'postmaster' },
  proxy: having('plane proxy', plane.cluster),
  drone: having('plane drone', plane.cluster),
  dockerd: { is: (command) => command.startsWith('dockerd ') && command.includes(dockerFolder) },
  containerd: { is: (command) => command.startsWith('containerd ') && command.includes(dockerFolder) },
  'containerd-shim': having('containerd-shim', dockerFolder),
  'docker-proxy': { ...having('docker-proxy'), childOf: 'dockerd' },
  backend: { childOf: 'containerd-shim' },
}

/** Opens a document as a page does, and keeps a connection to it. @param {number} number */
async function open(number) {
  const answer = await fetch(`http://127.0.0.1:${port}/api/sessions/doc-${number}`, { method: 'POST' })
  if (!answer.ok) throw new Error(`The route answered ${answer.status}: ${await answer.text()}`)
  const { url } = await answer.json()
  for (let tries = 1; ; tries++) {
    // The proxy leaves some requests for a starting backend without an answer: a client has to ask again.
    const signal = AbortSignal.timeout(PATIENCE)
    const request = get(url, { agent: false, headers: { connection: 'upgrade', upgrade: 'websocket' } })
    const [response, socket] = await once(request, 'upgrade', { signal }).catch(() => [])
    if (response) return socket.on('error', () => {}).once('close', () => lost++)
    request.on('error', () => {}).destroy()
    if (tries === 5) throw new Error('The backend did not accept the WebSocket.')
    again++
  }
}

/** Measures open documents while nothing else happens. @param {number} seconds */
async function rest(seconds) {
  const before = measureParts(parts)
  const { transactions } = await readDatabase(plane.databaseUrl)
  const since = performance.now()
  await delay(REST)
  const after = measureParts(parts)
  const restSeconds = (performance.now() - since) / 1000
  const database = await readDatabase(plane.databaseUrl)
  steps.push({
    started: opened - failed,
    open: opened - failed - lost,
    seconds,
    restSeconds,
    before,
    after,
    rows: database.rows,
    transactionRate: (database.transactions - transactions) / restSeconds,
  })
}

/** How many requests to a backend were made again. */
let again = 0
/** How many connections were lost. */
let lost = 0
let opened = 0
let failed = 0
/** @type {import('./report.mjs').Step[]} */
const steps = []

await rest(0)
let isEnough = false
process.once('SIGINT', () => {
  isEnough = true
})
while (opened < documents && !isEnough && memoryInUse() < MOST_MEMORY) {
  const target = Math.min(opened + step, documents)
  const since = performance.now()
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      while (opened < target && !isEnough) {
        const number = opened++
        await open(number).catch((error) => {
          failed++
          console.error(`doc-${number}: ${error.message}`)
        })
      }
    }),
  )
  const seconds = (performance.now() - since) / 1000
  await rest(seconds)
  const percent = Math.round(memoryInUse() * 100)
  console.error(
    `${opened} documents in ${seconds.toFixed(0)} s, ${failed} failed, ${again} asked again, ${lost} lost; ${percent} % of memory`,
  )
}
console.log(
  `${failed} could not be opened, ${again} requests were made again, ${lost} connections were lost.`,
)
if (lost > 0) console.log(`Why Plane ended backends: ${await readReasons(plane.databaseUrl)}.`)
console.log(report(steps, Object.keys(parts)))

app.kill()
await plane.stop()
await docker.stop()
process.exit()
