import { systemClock } from '@session-backend/core/internal'
import { describe, expect, it } from 'vitest'
import { createControlEndpoint } from '../../../backend/src/control/endpoint.ts'
import {
  accessibilityProblems,
  chromiumPath,
  openPage,
  type Serve,
  spawn,
  startPlatform,
  useBrowser,
} from '../pages/browser.ts'

useBrowser()

const KEY = Buffer.alloc(32, 7).toString('base64url')

describe.skipIf(chromiumPath === undefined)('the room of a backend on the dashboard', () => {
  it.each([1280, 390])(
    'shows what the room counts as it changes, without moving the log: %i px',
    async (width) => {
      const stats = { connections: 2, received: 120, failedSaves: 0 }
      const room: Serve = (server, { env }) => {
        const identity = { name: env.SESSION_BACKEND_ID ?? '', key: Buffer.from(KEY, 'base64url') }
        const actions = { revoke: () => {}, receiveFromApp: async () => {}, stats }
        const control = createControlEndpoint(identity, actions, systemClock)
        server.on('request', (request, response) => void control(request, response))
      }
      const platform = await startPlatform({ services: { room: { serve: room }, page: { serve: () => {} } } })
      await spawn(platform, 'room', { lock: 'plan', env: { SESSION_BACKEND_CONTROL_KEY: KEY } })
      await spawn(platform, 'page', { lock: 'other' })
      const page = await openPage(platform.dashboardUrl, { viewport: { width, height: 900 } })
      await page.getByRole('button', { name: /plan/ }).click()
      await page.getByText('120 received').waitFor()
      await page.getByText('0 failed saves').waitFor()
      const before = await page.getByRole('log').boundingBox()
      stats.received = 121
      await page.getByText('121 received').waitFor()
      expect(await page.getByRole('log').boundingBox()).toEqual(before)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      expect(await accessibilityProblems(page)).toEqual([])
      await page.getByRole('button', { name: /other/ }).click()
      await page.getByText('Its backend reports no stats.').waitFor()
    },
  )
})
