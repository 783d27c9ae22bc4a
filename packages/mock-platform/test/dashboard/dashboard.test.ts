import { describe, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import {
  chromiumPath,
  connect,
  holdOpen,
  openPage,
  type Serve,
  spawn,
  startPlatform,
  useBrowser,
  WAIT,
} from '../pages/browser.ts'
import { plainFetch } from '../support/contract.ts'

useBrowser()

const echo: { serve: Serve } = {
  serve: (server, { log }) => {
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
    const row = page.getByRole('article')
    await row.getByText('Ready').waitFor()
    expect(await page.getByRole('status').allTextContents()).toContainEqual(
      expect.stringMatching(/^Spawned \w+\.$/),
    )
    const toggle = row.getByRole('button', { name: /doc\/1/ })
    expect(await toggle.textContent()).toContain('other')
    await toggle.focus()
    await page.keyboard.press('Enter')
    expect(await row.getByRole('list', { name: 'Statuses' }).locator('li span').allTextContents()).toEqual([
      ...['Loading', 'Starting', 'Ready'],
    ])

    await row.getByRole('button', { name: 'Terminate' }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Terminate')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    await row.locator('.status', { hasText: 'Terminated' }).waitFor()
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Terminate')
    // Its details are open, so it stays where it is.
    await toggle.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('textbox', { name: 'Lock' }).focus()
    await page.getByRole('table', { name: 'Ended backends' }).getByText('doc/1').waitFor()
    await page.getByText('0 live, 1 ended').waitFor()
  })

  it('does not take a double click for an answer to its question', async () => {
    const platform = await startPlatform({ services: { editor: echo } })
    await spawn(platform, 'editor')
    const page = await openPage(platform.dashboardUrl)
    const row = page.getByRole('article')
    await row.getByRole('button', { name: 'Crash' }).dblclick()
    const confirm = page.getByRole('group', { name: /^Confirm/ })
    await confirm.getByRole('button', { name: 'Crash' }).dispatchEvent('click', { detail: 2 })
    await page.waitForResponse('**/dashboard/state')
    await page.waitForResponse('**/dashboard/state')
    expect(await row.locator('.status').textContent()).toBe('Ready')
    await confirm.getByRole('button', { name: 'Crash' }).click()
    await page.getByText('0 live, 1 ended').waitFor()
  })

  it('counts connections as they come and go, and names the users of v2', async () => {
    const platform = await startPlatform({ services: { editor: echo } })
    const page = await openPage(platform.dashboardUrl)
    const { url } = await spawn(platform, 'editor')
    const connections = page.getByRole('article').locator('.connections')
    await vi.waitFor(async () => expect(await connections.textContent()).toBe('0 connected'), WAIT)
    const leaving = new AbortController()
    await holdOpen(url, { signal: leaving.signal })
    await vi.waitFor(async () => expect(await connections.textContent()).toBe('1 connected'), WAIT)
    leaving.abort()
    await vi.waitFor(async () => expect(await connections.textContent()).toBe('0 connected'), WAIT)

    await connect(platform, 'editor', 'doc/2', 'ada')
    const row = page.getByRole('article').filter({ hasText: 'doc/2' })
    await row.getByRole('button', { name: /doc\/2/ }).click()
    await row.getByText('ada').waitFor()
  })

  it('shows a log as text and follows it', async () => {
    const print = { log: (_line: string) => {} }
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
    await page.locator('.toggle').click()
    const log = page.getByRole('log')
    await log.getByText('ready for <b>work</b>').waitFor()
    print.log('<img src=x onerror=alert(1)>')
    await log.getByText('<img src=x onerror=alert(1)>').waitFor()
  })

  it('searches a log, and copies the lines that were found', async () => {
    const serve: Serve = (_server, { log }) => {
      for (let i = 1; i <= 5000; i++) log(i % 1000 === 0 ? `Saved <i>${i}</i>` : `line ${i}`)
    }
    const platform = await startPlatform({ services: { editor: { serve } } })
    await spawn(platform, 'editor', { lock: 'doc' })
    const page = await openPage(platform.dashboardUrl, { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.locator('.toggle').click()
    const log = page.getByRole('log', { name: 'Log of doc' })
    await log.getByText('Saved <i>5000</i>').waitFor()
    await log.getByText('Lines before this one are no longer kept.').waitFor({ state: 'attached' })
    // It follows: the last line is in sight.
    expect(await log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight)).toBeLessThan(5)

    await page.getByLabel('Search the log').fill('SAVED <i>')
    await page.getByText(/^3 of \d+ lines$/).waitFor()
    expect(await log.locator('mark').allTextContents()).toEqual(Array(3).fill('Saved <i>'))
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByText('Copied 3').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      'Saved <i>3000</i>\nSaved <i>4000</i>\nSaved <i>5000</i>\n',
    )
    await page.getByLabel('Search the log').fill('')
    expect(await log.locator('mark').count()).toBe(0)
  })

  it('stops following a log when the user scrolls up', async () => {
    const print = { log: (_line: string) => {} }
    const serve: Serve = (_server, { log }) => {
      print.log = log
      for (let i = 1; i <= 100; i++) log(`line ${i}`)
    }
    const platform = await startPlatform({ services: { editor: { serve } } })
    await spawn(platform, 'editor')
    const page = await openPage(platform.dashboardUrl)
    await page.locator('.toggle').click()
    const log = page.getByRole('log')
    await log.getByText('line 100').waitFor()
    const follow = page.getByRole('checkbox', { name: 'Follow' })
    await log.evaluate((box) => box.scrollTo(0, 0))
    await vi.waitFor(async () => expect(await follow.isChecked()).toBe(false), WAIT)
    print.log('one more')
    await log.getByText('one more').waitFor({ state: 'attached' })
    expect(await log.evaluate((box) => box.scrollTop)).toBe(0)
    await log.evaluate((box) => box.scrollTo(0, box.scrollHeight))
    await vi.waitFor(async () => expect(await follow.isChecked()).toBe(true), WAIT)
  })

  it('shows which faults wait, for how many requests, and takes them back one by one', async () => {
    const platform = await startPlatform({ services: {} })
    platform.faults.add({ kind: 'status', endpoint: 'auth', status: 503, times: 3 })
    await plainFetch(`${platform.url}/auth`)
    platform.faults.add({ kind: 'delay', endpoint: 'status', ms: 1500, times: Number.POSITIVE_INFINITY })
    const page = await openPage(platform.dashboardUrl)
    const active = page.getByRole('list', { name: 'Active faults' }).getByRole('listitem')
    await page.getByRole('button', { name: '2 faults active' }).waitFor()
    expect(await active.locator('div').allInnerTexts()).toEqual([
      'Answer with an error 503\nauth, the next 2 requests',
      'Delay the answer by 1.5 s\nstatus, each request until it is removed',
    ])
    await page.getByRole('button', { name: 'Remove: Answer with an error 503' }).click()
    await page.getByText('The fault was removed.').waitFor()
    await page.getByRole('button', { name: '1 fault active' }).waitFor()
    expect(platform.faults.active.map(({ fault }) => fault.kind)).toEqual(['delay'])
  })

  it('adds a fault of spawn requests unless another request is chosen, and says when it has struck', async () => {
    const platform = await startPlatform({ services: { editor: echo } })
    const page = await openPage(platform.dashboardUrl)
    await page.getByLabel('What goes wrong').selectOption('Answer with an error')
    await page.getByLabel('Status code').fill('429')
    await page.getByRole('button', { name: 'Add the fault' }).click()
    await page.getByText('spawn, the next request').waitFor()
    expect((await spawn(platform, 'editor')).error.status).toBe(429)
    await page.getByText('The fault has struck: Answer with an error 429.').waitFor()
    await page.getByText('spawn, the next request').waitFor({ state: 'detached' })
  })

  it('crashes and loses backends', async () => {
    const platform = await startPlatform({ services: { editor: echo } })
    for (const [button, status] of [
      ['Crash', 'Failed'],
      ['Lose', 'Lost'],
    ] as const) {
      await spawn(platform, 'editor', { lock: status })
      const page = await openPage(platform.dashboardUrl)
      const row = page.getByRole('article').filter({ hasText: status })
      await row.getByRole('button', { name: button }).click()
      await row
        .getByRole('group', { name: /^Confirm/ })
        .getByRole('button', { name: button })
        .click()
      await row.locator('.status', { hasText: status }).waitFor()
    }
  })

  it('says what has failed, and nothing of what merely changes', async () => {
    const platform = await startPlatform({ services: { editor: echo } })
    const { name } = await spawn(platform, 'editor', { lock: 'doc/1' })
    const page = await openPage(platform.dashboardUrl)
    await page.getByRole('article').getByText('Ready').waitFor()
    await page.evaluate(() => {
      const said: (string | null)[] = []
      Object.assign(window, { said })
      for (const region of document.querySelectorAll('[role=status], [aria-live]:not([aria-live=off])')) {
        new MutationObserver(() => said.push(region.textContent)).observe(region, {
          ...{ subtree: true, childList: true, characterData: true },
        })
      }
    })
    await spawn(platform, 'editor', { lock: 'doc/2' })
    await page.getByRole('article').filter({ hasText: 'doc/2' }).getByText('Ready').waitFor()
    platform.faults.lose(name)
    await page.getByText('doc/1 has failed: Lost.').waitFor()
    expect(await page.evaluate(() => Reflect.get(window, 'said'))).toEqual(['doc/1 has failed: Lost.'])
  })

  it('moves the platform’s clock, and shows how far it is ahead', async () => {
    const platform = await startPlatform({ services: { editor: echo } })
    await spawn(platform, 'editor', { lock: 'doc', grace_period_seconds: 3000 })
    const page = await openPage(platform.dashboardUrl)
    await page.getByRole('article').getByText('Ready').waitFor()
    await page.getByRole('button', { name: '+5 min' }).click()
    await page.getByText('5 min ahead of this computer').waitFor()
    await page.getByRole('article').getByText('5 min').waitFor()
    await page.getByRole('button', { name: '+1 h' }).click()
    await page.getByRole('table').getByText('Swept').waitFor()
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

  it('keeps the focus where it is while it refreshes', async () => {
    const platform = await startPlatform({ services: { editor: echo } })
    await spawn(platform, 'editor')
    const page = await openPage(platform.dashboardUrl)
    const button = page.getByRole('button', { name: 'Terminate' })
    await button.focus()
    const refreshed = page.waitForResponse('**/dashboard/state')
    await spawn(platform, 'editor')
    await refreshed
    await vi.waitFor(async () => expect(await page.getByRole('article').count()).toBe(2), WAIT)
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
