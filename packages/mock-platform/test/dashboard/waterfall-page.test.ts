import type { Server } from 'node:http'
import { createSessionBackends, jamsocket } from '@session-backend/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { accessibilityProblems, chromiumPath, openPage, startPlatform, useBrowser } from '../pages/browser.ts'

useBrowser()

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

/** Greets each page over its WebSocket. */
const greeter = (server: Server) => {
  new WebSocketServer({ server }).on('connection', (socket) => socket.send('hello'))
}

/** A platform, and a function that opens a document through an app's route. */
async function start() {
  const platform = await startPlatform({ services: { editor: { serve: greeter } } })
  const { url: apiUrl, account, token } = platform
  const sessionBackends = createSessionBackends({
    platform: jamsocket({ account, token, apiUrl, service: 'editor' }),
    authorize: () => true,
  })
  onTestFinished(() => sessionBackends.close())
  return {
    platform,
    open: (headers: HeadersInit) => sessionBackends.connect('plans/roof.md', { headers }),
  }
}

describe.skipIf(chromiumPath === undefined)('the waterfall on the dashboard', () => {
  it.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)('shows the way from the click to the first message, in %s at %i pixels', async (...look) => {
    const [colorScheme, width] = look
    const { platform, open } = await start()
    const { url } = await open({
      traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
      baggage: `session-backend.click=${Date.now() - 20}`,
    })
    const page = await openPage(platform.dashboardUrl, { colorScheme, viewport: { width, height: 900 } })
    await page.getByRole('button', { name: /roof/ }).click()
    await page.getByText('No message yet since the click.').waitFor()
    const figure = page.getByRole('figure')
    const before = await figure.boundingBox()

    const socket = new WebSocket(url)
    onTestFinished(() => socket.terminate())
    await page.getByText(/^The first message came .+ after the click\.$/).waitFor()
    await page.getByText(`trace ${TRACE}`).waitFor()
    const rows = page.getByRole('list', { name: 'From the click to the first message' }).getByRole('listitem')
    expect(await rows.locator(':scope > span:not(.track)').allTextContents()).toEqual([
      'Click',
      'Request to the app',
      'Access granted',
      'Spawn requested',
      'Loading',
      'Starting',
      'Ready',
      'First connection',
      'First message',
    ])
    const times = await rows.locator('time').allTextContents()
    expect(times.slice(1).every((time) => /^\+\d/.test(time))).toBe(true)
    // Nothing below it moves.
    expect((await figure.boundingBox())?.height).toBe(before?.height)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    expect(await accessibilityProblems(page)).toEqual([])
    if (process.env.SHOTS) await figure.screenshot({ path: `${process.env.SHOTS}/waterfall-${width}.png` })
  })

  it('begins at the request if the page says nothing of a click', async () => {
    const { platform, open } = await start()
    await open({})
    const page = await openPage(platform.dashboardUrl)
    await page.getByRole('button', { name: /roof/ }).click()
    await page.getByText('No message yet since the request.').waitFor()
    expect(await page.getByRole('figure').getByRole('listitem').first().textContent()).toContain('Request')
  })
})
