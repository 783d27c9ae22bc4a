import type { Page } from 'playwright-core'

/** Where to write the README's picture; set by `npm run picture`. */
export const PICTURE = process.env.PICTURE

const WINDOW = { width: 760, height: 470 }

/** Takes the README's picture: what two people see of one document, side by side. */
export async function takePicture(pages: readonly Page[], path: string): Promise<void> {
  const windows = await Promise.all(
    pages.map(async (page) => {
      const { width, height } = page.viewportSize() ?? WINDOW
      await page.setViewportSize(WINDOW)
      const picture = await page.screenshot()
      await page.setViewportSize({ width, height })
      return `<img src="data:image/png;base64,${picture.toString('base64')}">`
    }),
  )
  const desk = await pages[0]?.context().newPage()
  if (!desk) return
  await desk.setViewportSize({ width: 2 * WINDOW.width + 72, height: WINDOW.height + 48 })
  await desk.setContent(`<style>
    body { display: flex; gap: 24px; margin: 0; padding: 24px; background: #dfe3ee }
    img { border-radius: 10px; box-shadow: 0 6px 24px #0003 }
  </style>${windows.join('')}`)
  await desk.screenshot({ path })
  await desk.close()
}
