import { createSessionBackends, jamsocket } from '@session-backend/server'
import { expect, it, onTestFinished, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { buildPage, startHookApp } from './page.ts'

const HAND_OVERS = 10
const WAIT = { timeout: 60_000, interval: 50 }

describeInBrowser(
  'a page in Chromium',
  () => {
    it('is connected again after each of ten roll-outs in a row', async () => {
      const app = await startHookApp(await buildPage())
      onTestFinished(() => app.close())
      const platform = jamsocket.fromEnv(app.platform.env('room'))
      const sessionBackends = createSessionBackends({ platform, authorize: () => true })
      onTestFinished(() => sessionBackends.close())
      const browser = await launchBrowser()
      onTestFinished(() => browser.close())
      const page = await browser.newPage()
      await page.goto(app.url)
      const names = new Set<string | undefined>()
      for (let time = 0; time <= HAND_OVERS; time++) {
        const name = await vi.waitFor(async () => {
          const session = await page.evaluate(() => {
            const { phase, name } = window.page.sessions.doc ?? {}
            return { phase, name }
          })
          expect(session.phase).toBe('connected')
          expect(names.has(session.name)).toBe(false)
          return session.name
        }, WAIT)
        names.add(name)
        if (time < HAND_OVERS) expect(await sessionBackends.rollOut()).toMatchObject({ restarted: 1 })
      }
      expect(names.size).toBe(1 + HAND_OVERS)
    })
  },
  120_000,
)
