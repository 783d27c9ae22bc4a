import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe has against a page, contrast included: each rule with the places that break it. */
export async function findAxeProblems(page: Page): Promise<string[]> {
  // By `evaluate`, which no Content-Security-Policy of the page keeps from running.
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await Reflect.get(globalThis, 'axe').run(document, { resultTypes: ['violations'] })
    return violations.flatMap(
      ({
        id,
        help,
        nodes,
      }: {
        id: string
        help: string
        nodes: { html: string; failureSummary: string }[]
      }) =>
        nodes.map(
          ({ html, failureSummary }) =>
            `${id}: ${help}: ${html.slice(0, 150)}: ${failureSummary.slice(0, 200)}`,
        ),
    )
  })
}
