import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { COLUMNS, ROWS } from '../../packages/mock-platform/test/support/terminal.ts'
import { ENV, run } from './created-app.ts'

/** One picture of the strip. */
export type Frame = { title: string } & ({ output: string } | { page: Page })

/** The size of a frame, in pixels. */
const SIZE = { width: 640, height: 420 }

/**
 * Takes the picture of a start: what terminals and windows show, two in a row.
 *
 * @param folder A new one for xterm.js, which shows a terminal's output as people see it.
 */
export async function takeStrip(
  browser: Browser,
  frames: readonly Frame[],
  { path, folder }: { path: string; folder: string },
) {
  const desk = await (
    await browser.newContext({ viewport: { width: 2 * SIZE.width + 72, height: 800 } })
  ).newPage()
  const xterm = await installXterm(folder)
  await desk.setContent(`<style>${await readFile(join(xterm, 'css/xterm.css'), 'utf8')}
    body { display: grid; grid-template-columns: repeat(2, ${SIZE.width}px); gap: 16px 24px; margin: 0; padding: 16px 24px 24px; background: #dfe3ee }
    h2 { margin: 0 0 8px; color: #1b2030; font: 600 20px system-ui, sans-serif }
    .frame { overflow: hidden; height: ${SIZE.height}px; border-radius: 10px; background: #14161c; box-shadow: 0 6px 24px #0003 }
    .screen { padding: 12px 14px }
  </style>`)
  await desk.addScriptTag({ path: join(xterm, 'lib/xterm.js') })
  for (const frame of frames) {
    const picture = 'page' in frame ? await pictureOf(frame.page) : undefined
    await desk.evaluate(showFrame, {
      ...{ title: frame.title, picture, columns: COLUMNS, rows: ROWS },
      output: 'output' in frame ? frame.output : '',
    })
  }
  await desk.screenshot({ path, fullPage: true })
  await desk.context().close()
}

async function installXterm(folder: string): Promise<string> {
  await mkdir(folder)
  await run('npm', ['install', '--prefix', folder, '@xterm/xterm@6.0.0'], { env: ENV })
  return join(folder, 'node_modules/@xterm/xterm')
}

async function pictureOf(page: Page): Promise<string> {
  const before = page.viewportSize()
  await page.setViewportSize(SIZE)
  const picture = await page.screenshot()
  if (before) await page.setViewportSize(before)
  return `data:image/png;base64,${picture.toString('base64')}`
}

interface Shown {
  title: string
  picture: string | undefined
  output: string
  columns: number
  rows: number
}

/** Runs in the page. Resolves when the frame is drawn. */
async function showFrame({ title, picture, output, columns, rows }: Shown): Promise<void> {
  const section = document.body.appendChild(document.createElement('section'))
  section.appendChild(document.createElement('h2')).textContent = title
  const frame = section.appendChild(document.createElement('div'))
  frame.className = 'frame'
  if (picture !== undefined) {
    const image = frame.appendChild(document.createElement('img'))
    image.src = picture
    return image.decode()
  }
  const screen = frame.appendChild(document.createElement('div'))
  screen.className = 'screen'
  const terminal = new (Reflect.get(globalThis, 'Terminal'))({
    ...{ cols: columns, rows, fontSize: 12.75, fontFamily: 'monospace' },
    theme: {
      ...{ background: '#14161c', foreground: '#e8eaf2', cursor: '#14161c', brightBlack: '#939bb0' },
      ...{ green: '#4ade80', magenta: '#c89bff', cyan: '#3fd0e6', yellow: '#e5c04b', blue: '#7ea8ff' },
    },
  })
  terminal.open(screen)
  await new Promise<void>((resolve) => terminal.write(output, resolve))
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
}
