import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
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
 * Makes an app in a new folder, whose name is the app's too. Returns the folder.
 *
 * @throws if the folder has something in it, or npm wouldn't take its name.
 */
export async function createApp(path: string, template: Template): Promise<string> {
  const folder = resolve(path)
  const name = basename(folder)
  if (!NAME.test(name)) {
    throw new Error(
      `The name must consist of lower-case letters, digits, \`.\`, \`_\` and \`-\`, and begin with a letter or digit, got ${name}.`,
    )
  }
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0) {
    throw new Error(`${folder} has something in it already. Take another name, or empty the folder.`)
  }
  for (const part of ['shared', template]) await cp(join(templates, part), folder, { recursive: true })
  // npm takes no .gitignore into a package.
  await rename(join(folder, '_gitignore'), join(folder, '.gitignore'))
  const version = await ownVersion()
  for (const file of ['package.json', 'README.md']) {
    const text = await readFile(join(folder, file), 'utf8')
    await writeFile(join(folder, file), text.replaceAll('APP_NAME', name).replaceAll('OUR_VERSION', version))
  }
  return folder
}

/** The version of this package, and of all others of the project: they are released together. */
async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  return JSON.parse(text).version
}
