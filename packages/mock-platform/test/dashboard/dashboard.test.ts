import { describe, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import {
  accessibilityProblems,
  chromiumPath,
  openPage,
  spawn,
  startPlatform,
  useBrowser,
} from '../pages/browser.ts'
import { plainFetch } from '../support/contract.ts'
import { LONG } from '../support/long.ts'

useBrowser()

const echo = {
  serve: (server: import('node:http').Server, { log }: { log: (line: string) => void }) => {
    log('ready for <b>work</b>')
    server.on('request', (_request, response) => void response.write('held'))
  },
}

describe.skipIf(chromiumPath === undefined)('the dashboard', () => {
  it('spawns a backend, shows its life and ends it, by keyboard alone', async () => {
    const platform = await startPlatform({ services: { editor: echo, other: echo } })
    const page = await openPage(platform.dashboardUrl)
    await page.getByText('No backend is running yet').waitFor()

    await page.locator('#service').focus()
    await page.keyboard.type('other')
    await page.keyboard.press('Tab')
    await page.keyboard.type('doc/1')
    await page.keyboard.press('Enter')
    const card = page.getByRole('article')
    await card.getByText('Ready').first().waitFor()
    expect(await page.getByRole('status').allTextContents()).toContainEqual(
      expect.stringMatching(/^Spawned \w+\.$/),
    )
    expect(await card.getByRole('heading').textContent()).toContain('other')
    expect(await card.getByRole('list', { name: 'Statuses' }).locator('li span').allTextContents()).toEqual([
      ...['Loading', 'Starting', 'Ready'],
    ])
    expect(
      await page.getByRole('table', { name: 'Locks held' }).getByRole('cell').first().textContent(),
    ).toBe('doc/1')

    await card.getByRole('button', { name: 'Terminate' }).focus()
    await page.keyboard.press('Enter')
    await card.getByText('Terminated').first().waitFor()
    expect(await card.getByRole('button', { name: 'Terminate' }).isDisabled()).toBe(true)
    await page.getByText('No lock is held').waitFor()
    await page.getByText('0 live, 1 ended').waitFor()
  })

  it('counts connections as they come and go', async () => {
    const platform = await startPlatform({ services: { editor: echo } })
    const page = await openPage(platform.dashboardUrl)
    const { url } = await spawn(platform, 'editor')
    const connections = page.getByRole('article').locator('.connections')
    await vi.waitFor(async () => expect(await connections.textContent()).toBe('0'))
    const leaving = new AbortController()
    await fetch(url, { signal: leaving.signal })
    await vi.waitFor(async () => expect(await connections.textContent()).toBe('1'))
    leaving.abort()
    await vi.waitFor(async () => expect(await connections.textContent()).toBe('0'))
  })

  it('shows a log as text, follows it, and gives the focus back', async () => {
    const print: { log: (line: string) => void } = { log: () => {} }
    const platform = await startPlatform({
      services: {
        editor: {
          serve: (server, context) => {
            print.log = context.log
            echo.serve(server, context)
          },
        },
      },
    })
    await spawn(platform, 'editor')
    const page = await openPage(platform.dashboardUrl)
    await page.getByRole('button', { name: 'Log' }).click()
    const log = page.getByRole('log')
    await log.getByText('ready for <b>work</b>').waitFor()
    print.log('<img src=x onerror=alert(1)>')
    await log.getByText('<img src=x onerror=alert(1)>').waitFor()
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Log')
  })

  it('shows whether a fault strikes always or a number of times', async () => {
    const platform = await startPlatform({ services: {} })
    platform.faults.add({ kind: 'status', endpoint: 'auth', status: 503, times: 2 })
    await plainFetch(`${platform.url}/auth`)
    platform.faults.add({ kind: 'status', endpoint: 'status', status: 503, times: Number.POSITIVE_INFINITY })
    await plainFetch(`${platform.url}/backend/none/status`)
    const page = await openPage(platform.dashboardUrl)
    const waiting = page.getByRole('list', { name: 'Active faults' }).getByRole('listitem')
    await waiting.first().waitFor()
    expect(await waiting.allTextContents()).toEqual(['auth: status, 1 to come', 'status: status, always'])
  })

  it('injects faults: a crash, a lost backend, an answer that is an error', async () => {
    const platform = await startPlatform({ services: { editor: echo } })
    await spawn(platform, 'editor')
    const page = await openPage(platform.dashboardUrl)
    await page.getByRole('button', { name: 'Crash' }).click()
    await page.getByRole('article').getByText('Failed').first().waitFor()

    await page.getByRole('button', { name: 'Spawn' }).click()
    await page.getByText('1 live, 1 ended').waitFor()
    await page.getByRole('button', { name: 'Lose' }).first().click()
    await page.getByRole('article').first().getByText('Lost').first().waitFor()

    await page.getByLabel('What goes wrong').selectOption('It is an error')
    await page.getByLabel('Endpoint').selectOption('spawn')
    await page.getByLabel('Status code').fill('429')
    await page.getByRole('button', { name: 'Inject' }).click()
    await page.getByText('spawn: status, 1 to come').waitFor()
    expect((await spawn(platform, 'editor')).error.status).toBe(429)
    await page.getByText('spawn: status, 1 to come').waitFor({ state: 'detached' })
  })

  it('says when the platform does not answer, and goes on when it does', async () => {
    const platform = await startPlatform({ services: { editor: echo } })
    const page = await openPage(platform.dashboardUrl)
    await page.getByText('No backend is running yet').waitFor()
    await page.context().setOffline(true)
    await page.getByText('does not answer').waitFor()
    await page.context().setOffline(false)
    await page.getByText('does not answer').waitFor({ state: 'detached' })
    expect(page.complaints.splice(0).every((text) => /ERR_INTERNET_DISCONNECTED/.test(text))).toBe(true)
  })

  it.each([
    ['light', 1280],
    ['dark', 320],
    ...(LONG
      ? ([
          ['dark', 1280],
          ['light', 320],
        ] as const)
      : []),
  ] as const)('fits its screen in %s at %i pixels, and is accessible', async (colorScheme, width) => {
    const platform = await startPlatform({ services: { editor: echo } })
    await spawn(platform, 'editor', { lock: 'a-long-name-of-a-document/'.repeat(4) })
    const page = await openPage(platform.url, { colorScheme, viewport: { width, height: 800 } })
    await page.getByRole('article').getByText('Ready').first().waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    expect(await accessibilityProblems(page)).toEqual([])
    await page.getByRole('button', { name: 'Log' }).click()
    await page.getByRole('log').getByText('ready for').waitFor()
    expect(await accessibilityProblems(page)).toEqual([])
  })

  it('keeps the focus where it is while it refreshes', async () => {
    const platform = await startPlatform({ services: { editor: echo } })
    await spawn(platform, 'editor')
    const page = await openPage(platform.dashboardUrl)
    const button = page.getByRole('button', { name: 'Terminate' })
    await button.focus()
    const refreshed = page.waitForResponse('**/dashboard/state')
    await spawn(platform, 'editor')
    await refreshed
    await vi.waitFor(async () => expect(await page.getByRole('article').count()).toBe(2))
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Terminate')
  })
})

describe('what the dashboard shows', () => {
  it('holds neither the access token nor the secret environment of a backend', async () => {
    const platform = await startPlatform({ services: { editor: echo } })
    await spawn(platform, 'editor', { env: { PASSWORD: 'planted' } })
    for (const path of ['/', '/dashboard/state', '/dashboard/main.js']) {
      const text = await (await fetch(`${platform.url}${path}`)).text()
      expect(text).not.toMatch(/very-secret|planted/)
    }
  })

  it('does not answer upgrades', async () => {
    const platform = await startPlatform({ services: {} })
    const ws = new WebSocket(`${platform.dashboardUrl}dashboard/state`)
    const error = await new Promise((resolve) => ws.on('error', resolve))
    expect(String(error)).toMatch(/200|403/)
  })
})
