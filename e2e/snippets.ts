import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { globSync } from 'tinyglobby'

const root = join(import.meta.dirname, '..')

/** A block of code in a page of the documentation. */
export interface Snippet {
  /** Where it is: page and line. */
  title: string
  /** The file that its first line names, or one that is named by the line. */
  file: string
  code: string
}

/** All pages, as paths in the repository. */
export const PAGES = globSync(['*.md', 'docs/**/*.md', 'packages/*/*.md', 'examples/*/*.md'], { cwd: root })

/** The package that depends on all that the snippets of a page import. */
export function packageOf(page: string): string {
  if (page === 'docs/frameworks.md') return 'packages/react'
  if (page === 'docs/backends.md' || page === 'docs/users.md') return 'packages/backend'
  if (page === 'docs/observability.md') return 'packages/server'
  return page.startsWith('packages/') ? dirname(page) : 'examples/express-editor'
}

/** The JavaScript and TypeScript of a page. */
export function readSnippets(page: string): Snippet[] {
  const markdown = readFileSync(join(root, page), 'utf8')
  return [...markdown.matchAll(/^```(tsx?|jsx?)\n(.*?)^```$/gms)].map(
    ({ index, 1: language = '', 2: code = '' }) => {
      const line = markdown.slice(0, index).split('\n').length + 1
      const [, file = `line-${line}.${language}`] = /^\/\/ ([\w./[\]-]+\.(?:tsx?|mjs))\b/.exec(code) ?? []
      return { title: `${page}, line ${line}`, file, code }
    },
  )
}
