import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type EditorProcess, type ExampleProcess, startEditor, startWhiteboard } from '../example.ts'
import { describeInEngines } from './engines.ts'
import type { RunningBrowser, Tab } from './tab.ts'

const WAIT = { timeout: 60_000, interval: 100 }

const text = async (tab: Tab) => String(await tab.run('return document.body.innerText'))
const shows = (tab: Tab, pattern: RegExp) =>
  vi.waitFor(async () => expect(await text(tab)).toMatch(pattern), WAIT)

describeInEngines('an example', ({ launch }) => {
  let browser: RunningBrowser
  let editor: EditorProcess
  let whiteboard: ExampleProcess

  beforeAll(async () => {
    editor = await startEditor({ 'plan.md': '# Sailing trip' })
    whiteboard = await startWhiteboard()
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await editor?.dispose()
    await whiteboard?.dispose()
  })

  it('opens a file of the editor', async () => {
    const tab = await browser.openTab(`${editor.url}#/plan.md`)
    await shows(tab, /Saved to disk/)
    expect(await text(tab)).toContain('# Sailing trip')
    await tab.close()
  })

  it('opens a board of the whiteboard', async () => {
    const tab = await browser.openTab(whiteboard.url)
    await shows(tab, /Sign in/)
    await tab.run(`
      document.querySelector('input[name=name]').value = 'Ada'
      document.querySelector('input[type=radio]').click()
      document.querySelector('form button').click()`)
    await vi.waitFor(
      async () =>
        expect(await tab.run('return document.querySelector(\'a[href^="/boards/"]\') !== null')).toBe(true),
      WAIT,
    )
    await tab.run('document.querySelector(\'a[href^="/boards/"]\').click()')
    await shows(tab, /^Saved$/m)
    await tab.close()
  })
})
