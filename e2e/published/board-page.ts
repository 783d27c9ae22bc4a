import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** Signs in, and waits for the board. */
export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name)
  await page.keyboard.press('Enter')
  await saved(page)
}

/** Resolves when the page says that everything is saved. */
export const saved = (page: Page) => page.getByText('Saved').waitFor()

/** Everything that is drawn on a board. */
export async function pathOf(page: Page): Promise<string> {
  const paths = await page
    .locator('.line')
    .evaluateAll((lines) => lines.map((line) => line.getAttribute('d')))
  return paths.sort().join('\n')
}

/** Draws a line from left to right. */
export async function drawWave(page: Page, at: number): Promise<void> {
  const board = page.getByRole('img', { name: /^The board/ })
  const { x, y, width, height } = (await board.boundingBox()) ?? expect.fail('There is no board.')
  const point = (share: number) =>
    [x + width * share, y + height * (at + 0.08 * Math.sin(share * 12))] as const
  await page.mouse.move(...point(0.1))
  await page.mouse.down()
  for (let step = 1; step <= 40; step++) await page.mouse.move(...point(0.1 + 0.02 * step))
  await page.mouse.up()
}
