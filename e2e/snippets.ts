import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** A block of code in a page of the documentation. */
export interface Snippet {
  /** Where it is: page and line. */
  title: string
  /** The file that its first line names, or one that is named by the line. */
  file: string
  code: string
}

/** The JavaScript and TypeScript of a page. */
export function readSnippets(page: string): Snippet[] {
  const markdown = readFileSync(join(root, page), 'utf8')
  return [...markdown.matchAll(/^```(tsx?|jsx?)\n(.*?)^```$/gms)].map(
    ({ index, 1: language = '', 2: code = '' }) => {
      const line = markdown.slice(0, index).split('\n').length + 1
      const [, file = `line-${line}.${language}`] = /^\/\/ ([\w./[\]-]+\.tsx?)\b/.exec(code) ?? []
      return { title: `${page}, line ${line}`, file, code }
    },
  )
}
