// @ts-check
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import { findChromium } from '../../scripts/chromium.mjs'
import { startPlatform } from '../platform/mock-platform.mjs'
import { installPeers, PEERS } from '../shared/peers.mjs'
import { startProgram } from '../shared/program.mjs'
import { describeTimes, report } from './report.mjs'
import { openByClick } from './visit.mjs'

const folder = import.meta.dirname
/** How many backends wait in the warm pool: one document is opened at a time. */
const POOL = 1
/** How long the machine is left alone before a click, in ms. */
const REST = 200

/** A way to open a document: a page with its settings, and the platform that its backend is on. */
/** @typedef {{ name: string, page: string, address: string, preload?: boolean, platform?: import('../platform/mock-platform.mjs').Platform }} Way */

/**
 * From the click to the first message of the room on the page, in a real Chromium.
 * @param {{ quick: boolean, peers: boolean }} flags
 */
export async function benchClick({ quick, peers }) {
  const executablePath = findChromium()
  if (executablePath === undefined) return console.log('There is no Chromium: the bench `click` is skipped.')
  const startedAt = performance.now()
  /** @type {(() => unknown)[]} */
  const closing = []
  try {
    if (peers) installPeers()
    const pages = await buildPages(peers)
    closing.push(() => rmSync(pages, { recursive: true }))
    const programs = { names: ['room'], folder: join(folder, 'programs') }
    const cold = await startPlatform([], programs)
    closing.push(() => cold.close())
    const warm = await startPlatform([], { ...programs, warm: POOL })
    closing.push(() => warm.close())
    const app = await startProgram(join(folder, 'programs/app.mjs'), {
      env: { PAGES: pages, COLD_URL: cold.url, WARM_URL: warm.url },
    })
    closing.push(() => app.close())
    /** @type {Way[]} */
    const ways = [
      { name: 'cold', page: 'ours', address: '/api/cold', platform: cold },
      { name: 'cold, preloaded', page: 'ours', address: '/api/cold', platform: cold, preload: true },
      { name: 'warm', page: 'ours', address: '/api/warm', platform: warm },
      { name: 'warm, preloaded', page: 'ours', address: '/api/warm', platform: warm, preload: true },
    ]
    if (peers) {
      const hocuspocus = await startProgram(join(PEERS, 'hocuspocus.mjs'))
      closing.push(() => hocuspocus.close())
      ways.push({ name: 'Hocuspocus', page: 'hocuspocus', address: hocuspocus.url.replace('http', 'ws') })
    }
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
    closing.push(() => browser.close())

    /** @param {Way} way */
    async function open({ page, address, preload, platform }) {
      while ((await warm.waiting()) < POOL) await delay(50)
      await delay(REST)
      const query = new URLSearchParams({ address, document: randomUUID(), ...(preload && { preload: '' }) })
      const { backend, ...opening } = await openByClick(browser, `${app.url}/${page}.html?${query}`)
      if (platform && backend) await platform.terminate({ name: backend })
      return opening
    }

    const rounds = quick ? 3 : 20
    /** @type {import('./report.mjs').Round[]} */
    const all = []
    for (const way of ways) await open(way)
    for (let round = 0; round < rounds; round++) {
      /** @type {import('./report.mjs').Round} */
      const openings = {}
      for (const way of round % 2 === 0 ? ways : ways.toReversed()) openings[way.name] = await open(way)
      all.push(openings)
    }
    for (const { name } of ways) console.log(`${name}: ${describeTimes(all, name)}`)
    const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
    report(all, `${quick ? 'A quick run' : 'A full run'}, ${rounds} clicks each, ${minutes} minutes.`)
  } finally {
    for (const close of closing.toReversed()) await close()
  }
}

/**
 * Bundles the pages as an app does. Both have React, and share its file.
 * @param {boolean} peers
 */
async function buildPages(peers) {
  const outDir = mkdtempSync(join(tmpdir(), 'bench-pages-'))
  const root = join(folder, 'pages')
  const names = peers ? ['ours', 'hocuspocus'] : ['ours']
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir,
      emptyOutDir: true,
      rollupOptions: { input: names.map((name) => join(root, `${name}.html`)) },
    },
  })
  return outDir
}
