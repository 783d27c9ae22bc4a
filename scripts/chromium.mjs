// @ts-check
// The browser of the browser tests: the one that is installed, or Debian's where we may install it.
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * The path of a Chromium on this machine, or undefined. CHROMIUM_PATH names another one.
 * @returns {string | undefined}
 */
export function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const paths = [
    process.env.CHROMIUM_PATH,
    ...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))),
  ]
  return paths.find((path) => path !== undefined && isExecutable(path))
}

/**
 * Installs Chromium with apt-get where we are root and there is one; says so where not.
 * @param {(title: string, file: string, args: string[], options: { optional: boolean }) => void} step
 */
export function installChromium(step) {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    console.log('There is no Chromium: the browser tests will be skipped. Install one, or set CHROMIUM_PATH.')
    return
  }
  step('Updating the list of Debian packages', 'apt-get', ['update', '--quiet'], { optional: true })
  step(
    'Installing Chromium',
    'apt-get',
    ['install', '--quiet', '--yes', '--no-install-recommends', 'chromium', 'fonts-liberation'],
    {
      optional: true,
    },
  )
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
