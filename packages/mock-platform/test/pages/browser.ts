import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { findChromium } from '../../../../scripts/chromium.mjs'
import {
  createMockPlatform,
  type MockPlatform,
  type MockPlatformOptions,
  type ServeContext,
} from '../../src/index.ts'
import { checkAnswersOf } from '../support/contract.ts'

export const chromiumPath = findChromium()

declare global {
  interface Window {
    axe: typeof axe
  }
}

/** A backend that is a function. */
export type Serve = (server: import('node:http').Server, context: ServeContext) => void

/** A busy machine needs longer than the default of 1 s. */
export const WAIT = { timeout: 10_000 }

let browser: Browser

/** Starts one Chromium for the tests of a file. */
export function useBrowser(): void {
  beforeAll(async () => {
    if (chromiumPath === undefined) return
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    })
  })
  afterAll(() => browser?.close())
}

/** Starts a platform that ends with the test. */
export async function startPlatform(options: MockPlatformOptions): Promise<MockPlatform> {
  const platform = await createMockPlatform({ account: 'acme', token: 'very-secret', ...options })
  const stopChecking = checkAnswersOf(platform)
  onTestFinished(async () => {
    await platform.close()
    stopChecking()
  })
  return platform
}

/** Opens a page; what it complains about fails the test, for instance a violation of its policy. */
export async function openPage(
  url: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Page & { complaints: string[] }> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  // Before the test's own time is up: what was waited for is in the message.
  page.setDefaultTimeout(12_000)
  const complaints: string[] = []
  let networkChanged = false
  page.on('console', (message) => {
    // Somebody else's container or tunnel came or went on this machine: Chromium drops what it is loading.
    if (message.text().includes('ERR_NETWORK_CHANGED')) {
      networkChanged = true
      return
    }
    // A backend has no icon, and a browser asks for one.
    if (message.location().url.endsWith('/favicon.ico')) return
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  onTestFinished(async () => {
    await context.close()
    expect(complaints).toEqual([])
  })
  await page.goto(url)
  for (let tries = 0; networkChanged && tries < 3; tries++) {
    networkChanged = false
    await page.reload()
  }
  return Object.assign(page, { complaints })
}

/** What is not accessible on a page, as axe finds it: by rule, with the elements. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // The page's own policy forbids scripts from elsewhere; this one comes by the browser's debugger.
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await window.axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`)
  })
}

/** Asks the platform for a backend. */
export async function spawn(platform: MockPlatform, service: string, body: object = {}) {
  const answer = await fetch(`${platform.url}/user/${platform.account}/service/${service}/spawn`, {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return answer.json()
}

/** Requests a page, and holds the answer: Node's `fetch` closes the connection of an answer that is collected as garbage. */
export async function holdOpen(url: string, init: RequestInit = {}): Promise<void> {
  const answer = await fetch(url, init)
  onTestFinished(() => void answer.body?.cancel().catch(() => {}))
}

/** With it, the platform asks the backend for the stats of its room. */
const SESSION_BACKEND_CONTROL_KEY = Buffer.alloc(32, 7).toString('base64url')

/** Connects a user by v2, and holds the connection. */
export async function connect(platform: MockPlatform, service: string, key: string, user: string) {
  const answer = await fetch(`${platform.url}/v2/service/${platform.account}/${service}/connect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ key, user, spawn: { executable: { env: { SESSION_BACKEND_CONTROL_KEY } } } }),
  })
  const { url } = await answer.json()
  await holdOpen(url)
}

/** Lets a function answer requests, at the address that is returned. */
export async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return `http://127.0.0.1:${address.port}`
}
