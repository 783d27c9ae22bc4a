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

/** The Debian packages of the other two engines, and of the screen that WebKit draws on. */
const OTHER_ENGINES = ['firefox-esr', 'webkit2gtk-driver', 'xvfb']
const COMMANDS = ['/usr/bin/firefox-esr', '/usr/bin/WebKitWebDriver', '/usr/bin/Xvfb']

/**
 * Installs Chromium if it is missing.
 * @param {Step} step
 */
export function installChromium(step) {
  if (findChromium() === undefined) install('Chromium', ['chromium', 'fonts-liberation'], step)
}

/**
 * Installs Chromium, Firefox and WebKit, those that are missing.
 * @param {Step} step
 */
export function installEngines(step) {
  installChromium(step)
  if (!COMMANDS.every(isExecutable)) install('Firefox and WebKit', OTHER_ENGINES, step)
}

/**
 * Installs Debian packages where we are root and there is apt-get; says so where not.
 * @typedef {(title: string, file: string, args: string[], options: { optional: boolean }) => void} Step
 * @param {string} name
 * @param {string[]} packages
 * @param {Step} step
 */
function install(name, packages, step) {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    return console.log(
      `There is no ${name}: what needs it will be skipped. Install it as root, on Debian or Ubuntu.`,
    )
  }
  step('Updating the list of Debian packages', 'apt-get', ['update', '--quiet'], { optional: true })
  const args = ['install', '--quiet', '--yes', '--no-install-recommends', ...packages]
  step(`Installing ${name}`, 'apt-get', args, { optional: true })
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
