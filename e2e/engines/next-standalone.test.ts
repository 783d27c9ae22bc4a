import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { openBackend, recipe } from '../recipes/recipe.ts'

const run = promisify(execFile)

const FILES = {
  'package.json': '{"type":"module","private":true}',
  'app/layout.jsx': `export default ({ children }) => <html lang="en"><body>{children}</body></html>`,
  'app/page.jsx': `import Link from 'next/link'
import { Counter } from './counter'
export default () => <main><Counter /><Link href="/about">About</Link></main>`,
  'app/counter.jsx': `'use client'
import { useState } from 'react'
export function Counter() {
  const [count, setCount] = useState(0)
  return <button onClick={() => setCount(count + 1)}>Clicked {count}</button>
}`,
  'app/about/page.jsx': `export const dynamic = 'force-dynamic'
export default () => <p>About this app</p>`,
}

describeInBrowser('a Next standalone build as a backend', () => {
  let browser: Browser
  let cwd: string
  let start: string

  beforeAll(async () => {
    const [config = '', starter = '', script = ''] = await recipe('A Next standalone build')
    start = script
    // Outside the repository, as below another lockfile Next takes the whole workspace for the app.
    cwd = await mkdtemp(join(tmpdir(), 'next-standalone-'))
    for (const [name, text] of Object.entries({
      ...FILES,
      'next.config.mjs': config,
      'start.mjs': starter,
    })) {
      await mkdir(join(cwd, name, '..'), { recursive: true })
      await writeFile(join(cwd, name), text)
    }
    const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
    const packages = ['next@16', 'react@19', 'react-dom@19']
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], { cwd, env })
    await run('npx', ['next', 'build'], { cwd, env })
    browser = await launchBrowser()
  }, 180_000)

  afterAll(async () => {
    await browser?.close()
    if (cwd) await rm(cwd, { recursive: true, force: true })
  })

  it.each(['path', 'subdomain'] as const)(
    'serves its pages below its static token and removes its copy at the end, with %s URLs',
    async (urls) => {
      const temporary = await mkdtemp(join(cwd, 'temporary-'))
      // After the platform has closed: hooks run last to first.
      onTestFinished(async () => expect(await readdir(temporary), 'the copies that are left').toEqual([]))
      const url = await openBackend(start, { cwd, urls, env: { TMPDIR: temporary } })
      const page = await (await browser.newContext()).newPage()
      onTestFinished(() => page.context().close())
      const failed: string[] = []
      page.on('response', (answer) => {
        if (answer.status() >= 400 && !answer.url().endsWith('/favicon.ico')) failed.push(answer.url())
      })
      await page.goto(url)
      await page.getByText('Clicked 0').click()
      await page.getByText('Clicked 1').waitFor()
      await page.getByRole('link', { name: 'About' }).click()
      await page.getByText('About this app').waitFor()
      expect(page.url()).toBe(new URL('about', url).href)
      await page.reload()
      await page.getByText('About this app').waitFor()
      expect(failed).toEqual([])
    },
  )
})
