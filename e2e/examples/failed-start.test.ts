import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { startEditor } from '../example.ts'

describeInBrowser('a backend that fails before it listens', () => {
  it('is shown with the last lines of its log, and tried again when the user asks', async () => {
    const example = await startEditor({ 'plan.md': '' })
    const browser = await launchBrowser()
    onTestFinished(async () => {
      await browser.close()
      await example.dispose()
    })
    const file = join(example.folder, 'plan.md')
    await writeFile(file, Buffer.from([0xff, 0xfe, 0x00]))

    const page = await browser.newPage()
    await page.goto(example.url)
    await page.getByRole('link', { name: /plan\.md/ }).click()
    const notice = page.getByRole('alert').filter({ hasText: 'keeps crashing' })
    await notice.getByText("The last lines of the server's log").click()
    await notice.getByText('not valid for encoding utf-8').waitFor()
    expect(await page.getByText('Opening…').count()).toBe(0)

    await writeFile(file, 'It is text now.')
    await notice.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Saved to disk').waitFor()
    expect(await page.locator('.cm-content').textContent()).toBe('It is text now.')
    expect(await notice.count()).toBe(0)
  })
})

describeInBrowser('a file that is not there', () => {
  it('is said to be missing', async () => {
    const example = await startEditor({})
    const browser = await launchBrowser()
    onTestFinished(async () => {
      await browser.close()
      await example.dispose()
    })
    const page = await browser.newPage()
    await page.goto(`${example.url}#/gone.md`)
    await page.getByRole('alert').getByText('The folder has no such file.').waitFor()
    await page.getByText('Add one, and reload the page.').waitFor()
  })
})
