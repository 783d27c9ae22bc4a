// @ts-check
// One person in one browser: comes to a page, puts the pointer on the button, and clicks.

/** How long the pointer is on the button before the click, in ms, as people do. */
export const HOVER = 300
/**
 * How long a page is left alone once it is loaded, in ms. Chromium is still busy for some time: after 100 ms, a backend that was
 * preloaded by the pointer took 100 ms longer to start.
 */
const REST = 1_000

/**
 * What came when, in ms after the click. What was preloaded came before it.
 * @typedef {{ shown: number, backend: string | undefined, steps: Record<string, number> }} Opening
 */

/**
 * Opens a document in a new browser profile, in which no connection is open.
 * @param {import('playwright-core').Browser} browser
 * @param {string} address
 * @returns {Promise<Opening>}
 */
export async function openByClick(browser, address) {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await page.goto(address)
    const box = await page.getByRole('button').boundingBox()
    if (!box) throw new Error(`${address} has no button.`)
    await page.waitForTimeout(REST)
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.waitForTimeout(HOVER)
    await page.mouse.down()
    await page.mouse.up()
    await page.waitForSelector('output')
    const { marks, backend } = await page.evaluate(() => ({
      marks: performance.getEntriesByType('mark').map(({ name, startTime }) => ({ name, startTime })),
      backend: document.body.dataset.backend,
    }))
    const clicked = marks.find(({ name }) => name === 'click')?.startTime ?? Number.NaN
    const steps = Object.fromEntries(marks.map(({ name, startTime }) => [name, startTime - clicked]))
    return { shown: steps.shown ?? Number.NaN, backend, steps }
  } finally {
    await context.close()
  }
}
