import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { openTerminal, type Terminal } from '../../packages/mock-platform/test/support/terminal.ts'
import { saved } from './board-page.ts'
import { takeStrip } from './strip.ts'

/** What the picture shows of an app that was created. */
interface FirstMinute {
  browser: Browser
  /** The program of `npm create session-backend`. */
  bin: string
  folder: string
  /** What `npm install` printed. */
  installation: string
  /** Where `npm run dev` runs. */
  terminal: Terminal
  url: string
  ada: Page
  ben: Page
}

/** Takes the strip of docs/start.png: `npm run picture:start` makes it. */
export async function takeFirstMinute(path: string, shown: FirstMinute): Promise<void> {
  const { browser, bin, folder, installation, terminal, url, ada, ben } = shown
  const questions = openTerminal(`'${process.execPath}' '${bin}'`, folder)
  const asked = () => stripVTControlCharacters(questions.output)
  await expect.poll(asked).toContain('Name of the app')
  questions.type('my-board\r')
  await expect.poll(asked).toContain('Next.js')
  questions.type('\r')
  await questions.exited
  await Promise.all([saved(ada), saved(ben)])
  const frames = [
    {
      title: 'Create the app',
      output: `$ npm create session-backend@latest\r\n${questions.output.replaceAll(folder, '~')}`,
    },
    {
      title: 'Start everything in one terminal',
      output: `$ npm install\r\n${installation}\r\n$ npm run dev\r\n${terminal.output.replaceAll(url, 'http://localhost:3000')}`,
    },
    { title: "Draw with others: Ada's window", page: ada },
    { title: "Ben's window", page: ben },
  ]
  await takeStrip(browser, frames, { path, folder: join(folder, 'xterm') })
}
