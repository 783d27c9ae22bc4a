import { readdir, readFile } from 'node:fs/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from './browser.ts'
import { backendsOf, type EditorProcess } from './example.ts'
import { PICTURE, takePicture } from './picture.ts'

/** The editor on one engine. */
export interface EditorOnEngine {
  /** Starts it on some files. */
  start(files: Record<string, string>): Promise<EditorProcess>
  /** How long the engine may take for one thing, in ms. */
  patience: number
}

const PLAN = `# Sailing trip

Three days, two boats, one list. Everybody adds what they bring.

- [x] Tide tables
- [ ] Stove and gas
- [ ] Spare mainsheet
- [ ] Rain gear for seven

The wind turns west on **Friday**: we leave with the morning ebb.
`

/** Runs in the page: keeps what it shows before the document is there. */
function recordColdStart() {
  const shown: string[] = []
  Object.assign(window, { coldStart: shown })
  new MutationObserver(() => {
    const opening = document.querySelector('[aria-label="The file is being opened"]')
    if (opening) shown.push(opening.textContent)
  }).observe(document, { subtree: true, childList: true, characterData: true })
}

/** Two people on one document, from the cold start to the sweep, in real browsers. */
export function describeFirstLight(title: string, { start, patience }: EditorOnEngine): void {
  describeInBrowser(title, () => firstLight(start, { timeout: patience, interval: 50 }), patience * 3)
}

function firstLight(start: EditorOnEngine['start'], WAIT: { timeout: number; interval: number }): void {
  let example: EditorProcess
  let browser: Browser
  let contexts: BrowserContext[]
  let ada: Page
  let ben: Page
  const complaints: string[] = []

  const onDisk = () => readFile(`${example.folder}/plan.md`, 'utf8')
  const textOf = (page: Page) =>
    page.locator('.cm-content').evaluate((content) => {
      const text = content.cloneNode(true) as HTMLElement
      // The names at other people's cursors are not in the document.
      for (const caret of text.querySelectorAll('.cm-ySelectionCaret')) caret.remove()
      return [...text.children].map((line) => line.textContent).join('\n')
    })
  const fencingToken = async (page: Page) =>
    Math.max(...(await readdir(await stateOf(page))).map((name) => Number.parseInt(name, 10)))
  const stateOf = async (page: Page) => {
    const pid = (await backendsOf(example))[0]
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8')
    expect(environment).toContain(`SESSION_BACKEND_ID=${await backendName(page)}`)
    return example.pathHere(environment.match(/STATE_FOLDER=([^\0]+)/)?.[1] ?? '')
  }
  const backendName = (page: Page) => page.locator('[data-backend]').getAttribute('data-backend')
  const isSaved = (page: Page) => page.getByText('Saved to disk').waitFor()
  const statusOf = (name: string | null) => example.statusOf(name ?? '')

  async function open(context: BrowserContext): Promise<Page> {
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.addInitScript(recordColdStart)
    await page.goto(example.url)
    await page.getByRole('link', { name: /plan\.md/ }).click()
    await page.locator('.cm-content').waitFor()
    return page
  }

  beforeAll(async () => {
    example = await start({ 'plan.md': PLAN, 'other.md': '# Other\n' })
    browser = await launchBrowser()
    contexts = [await browser.newContext(), await browser.newContext()]
  })

  afterAll(async () => {
    await browser?.close()
    await example?.dispose()
  })

  it('share one backend, which is started by the first', async () => {
    ;[ada, ben] = (await Promise.all(contexts.map(open))) as [Page, Page]
    expect(await backendName(ada)).toBe(await backendName(ben))
    expect(await backendsOf(example)).toHaveLength(1)
  })

  it('were shown the cold start as it happened', async () => {
    const shown = await Promise.all([ada, ben].map((page) => page.evaluate('coldStart')))
    expect(shown.flat()).toContainEqual(expect.stringMatching(/Loading after .*Starting after /))
  })

  it('type at once and end up with the same text, which is in the file', async () => {
    await ada.locator('.cm-content').press('Control+Home')
    await ben.locator('.cm-content').press('Control+End')
    await Promise.all([
      ada.keyboard.type('Ada was here.\n\n', { delay: 5 }),
      ben.keyboard.type('Ben was here too.', { delay: 5 }),
    ])
    const text = `Ada was here.\n\n${PLAN}Ben was here too.`
    await vi.waitFor(
      async () => expect(await Promise.all([textOf(ada), textOf(ben)])).toEqual([text, text]),
      WAIT,
    )
    await Promise.all([isSaved(ada), isSaved(ben)])
    expect(await onDisk()).toBe(text)
    expect(await backendsOf(example)).toHaveLength(1)
    if (PICTURE) await takePicture([ada, ben], PICTURE)
  })

  it('survive the death of the backend while both type: a new one takes over and nothing is lost', async () => {
    const [pid = 0] = await backendsOf(example)
    const [name, token] = [await backendName(ada), await fencingToken(ada)]
    await ada.locator('.cm-content').press('Control+End')
    await ben.locator('.cm-content').press('Control+Home')

    const typing = Promise.all([
      ada.keyboard.type(`\n${'a'.repeat(150)}`, { delay: 10 }),
      ben.keyboard.type('b'.repeat(150), { delay: 10 }),
    ])
    await vi.waitFor(async () => expect(await onDisk()).toMatch(/b{20}[\s\S]*a{20}/), WAIT)
    process.kill(pid, 'SIGKILL')
    const acknowledged = await onDisk()
    await typing

    await vi.waitFor(async () => expect(await backendName(ada)).not.toBe(name), WAIT)
    await vi.waitFor(async () => expect(await backendName(ben)).toBe(await backendName(ada)), WAIT)
    await Promise.all([isSaved(ada), isSaved(ben)])
    const text = `${'b'.repeat(150)}Ada was here.\n\n${PLAN}Ben was here too.\n${'a'.repeat(150)}`
    await vi.waitFor(
      async () => expect(await Promise.all([textOf(ada), textOf(ben)])).toEqual([text, text]),
      WAIT,
    )
    expect(await onDisk()).toBe(text)
    expect(acknowledged.length).toBeLessThan(text.length)
    expect(await fencingToken(ada)).toBeGreaterThan(token)
    expect(await backendsOf(example)).toHaveLength(1)
    expect(await statusOf(name)).toBe('Failed')
  })

  it('leave, and the backend is swept: its process is gone, the text is not', async () => {
    const [name, text] = [await backendName(ada), await onDisk()]
    await Promise.all(contexts.map((context) => context.close()))
    await vi.waitFor(async () => expect(await statusOf(name)).toBe('Swept'), WAIT)
    expect(await backendsOf(example)).toEqual([])
    expect(await onDisk()).toBe(text)
  })

  it('come back to a new backend that has everything', async () => {
    const context = await browser.newContext()
    const page = await open(context)
    await vi.waitFor(async () => expect(await textOf(page)).toBe(await onDisk()), WAIT)
    await context.close()
  })

  it('met no error on the way', () => {
    expect(complaints).toEqual([])
  })
}
