import { readdirSync } from 'node:fs'
import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What an app can be made from, and what people read about it. */
export const TEMPLATES = {
  vite: 'Vite, React and Express',
  next: 'Next.js (App Router)',
} as const
export type Template = keyof typeof TEMPLATES

const templates = fileURLToPath(new URL('../templates', import.meta.url))
/** The letters that npm takes in the name of a package. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,213}$/

export function isTemplate(name: string): name is Template {
  return Object.hasOwn(TEMPLATES, name)
}

/**
 * Why no app can be created at this path, and what to do about it; `undefined` if one can. The name of the
 * folder becomes the name of the app.
 */
export function whyNot(path: string): string | undefined {
  const folder = resolve(path)
  const name = basename(folder)
  if (!NAME.test(name)) {
    return `The name must consist of lower-case letters, digits, \`.\`, \`_\` and \`-\`, and begin with a letter or a digit, got \`${name}\`.`
  }
  try {
    if (readdirSync(folder).length === 0) return undefined
    return `The folder ${folder} is not empty. Choose another name, or empty the folder.`
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return undefined
    if (code === 'ENOTDIR') return `${folder} is a file. Choose another name.`
    throw error
  }
}

/**
 * Creates an app in a new or empty folder. Returns the folder.
 *
 * @throws Error with what `whyNot` returns.
 */
export async function createApp(path: string, template: Template): Promise<string> {
  const reason = whyNot(path)
  if (reason !== undefined) throw new Error(reason)
  const folder = resolve(path)
  await mkdir(folder, { recursive: true })
  for (const part of ['shared', template]) await cp(join(templates, part), folder, { recursive: true })
  // npm leaves files named .gitignore out of packages.
  await rename(join(folder, '_gitignore'), join(folder, '.gitignore'))
  const version = await ownVersion()
  for (const file of ['package.json', 'README.md']) {
    const text = await readFile(join(folder, file), 'utf8')
    const filled = text.replaceAll('APP_NAME', basename(folder)).replaceAll('OUR_VERSION', version)
    await writeFile(join(folder, file), filled)
  }
  return folder
}

/** The version of this package, and of all others of the project: they are released together. */
async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  return JSON.parse(text).version
}
