import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { CHAPTERS } from '../site/pages.mjs'
import { PAGES, packageOf, readSnippets } from './snippets.ts'

const root = join(import.meta.dirname, '..')
/**
 * Snippets are compiled as if they stood in this folder, whose package depends on all that they import. A file that a
 * snippet names in its first line can be imported by others of the page.
 */
const home = (page: string) => join(root, packageOf(page), 'snippets', page.replaceAll('/', '_'))

/** The files of "Your first app" import each other: e2e/published/quickstart.test.ts compiles and runs them. */
const isOfQuickstart = (page: string, code: string) =>
  page === 'docs/start.md' && /^\/\/ [\w-]+\.tsx?\b/.test(code)
const snippets = PAGES.flatMap((page) =>
  readSnippets(page)
    .filter(({ code }) => !isOfQuickstart(page, code))
    .map((snippet) => ({ ...snippet, path: join(home(page), snippet.file) })),
)

/** Type-checks all snippets in one program, each as its own module, against the packages' sources. */
function compile(): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const sources = new Map(snippets.map(({ path, code }) => [path, code]))
  const host = ts.createCompilerHost({ ...options, noUnusedLocals: false })
  const { getSourceFile, fileExists, readFile, directoryExists } = host
  const folders = new Set([...sources.keys()].map((path) => dirname(path)))
  host.directoryExists = (path) => folders.has(path) || directoryExists?.(path) !== false
  host.fileExists = (path) => sources.has(path) || fileExists(path)
  host.readFile = (path) => sources.get(path) ?? readFile(path)
  host.getSourceFile = (path, ...rest) => {
    const code = sources.get(path)
    return code === undefined
      ? getSourceFile(path, ...rest)
      : ts.createSourceFile(path, code, ts.ScriptTarget.ES2022)
  }
  const program = ts.createProgram(
    [...sources.keys()],
    { ...options, noUnusedLocals: false, moduleDetection: ts.ModuleDetectionKind.Force },
    host,
  )
  return new Map(
    [...sources.keys()].map((path) => [
      path,
      ts
        .getPreEmitDiagnostics(program, program.getSourceFile(path))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    ]),
  )
}

describe('every snippet of the documentation compiles', () => {
  const errors = compile()

  it('there are some', () => {
    expect(snippets.length).toBeGreaterThan(3)
  })

  it('each file of a page has its own name', () => {
    expect(errors.size).toBe(snippets.length)
  })

  it.each(snippets)('$title', ({ path }) => {
    expect(errors.get(path)).toEqual([])
  })

  it.each(snippets)('$title stands on what it shows', ({ code }) => {
    expect(code).not.toMatch(/^(export )?declare /m)
  })
})

/** Links and pictures that lead somewhere in this repository, and paths of it that a page names. */
const links = PAGES.flatMap((page) => {
  // Without code blocks: in Go, `must[T any](value T)` looks like a link.
  const text = readFileSync(join(root, page), 'utf8').replace(/^```.*?^```$/gms, '')
  const targets = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, target = '']) =>
    join(dirname(page), target),
  )
  const paths = [...text.matchAll(/`((?:packages|examples|docs|e2e|scripts)\/[\w./-]+)`/g)]
  return [...targets.filter((target) => !target.includes(':')), ...paths.map(([, path = '']) => path)].map(
    (target) => [page, target] as const,
  )
})

/** The tests that docs/security.md names for each promise, with the words that it says are in their titles. */
const proofs = [
  ...readFileSync(join(root, 'docs/security.md'), 'utf8').matchAll(/`([\w./-]+\.ts)`((?::|,) "[^"]+")*/g),
].flatMap(([cited, file = '']) => {
  const titles = [...cited.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title)
  return (titles.length > 0 ? titles : ['it']).map((title) => [file, title] as const)
})

it.each(proofs)('docs/security.md names a test of %s, which has "%s"', (file, title) => {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  // A title, and not a comment or an assertion.
  expect(lines.filter((line) => !/^\s*(\/\/|\*|expect)/.test(line)).join('\n')).toContain(title)
})

it('docs/security.md names a test for each promise', () => {
  const tables = readFileSync(join(root, 'docs/security.md'), 'utf8')
    .split(/^\| promise .*$/m)
    .slice(1)
  const rows = tables.flatMap((table) => table.split('\n\n', 1)[0]?.match(/^\| [^-].*$/gm) ?? [])
  expect(rows.length).toBeGreaterThan(30)
  expect(rows.filter((row) => !/\.ts`/.test(row))).toEqual([])
})

it.each(PAGES.filter((page) => page.startsWith('docs/')))('%s is a page of the site', (page) => {
  expect(CHAPTERS.flatMap(({ pages }) => pages.map(({ source }) => source))).toContain(page)
})

it.each(links)('%s leads to %s, which is there', (_page, target) => {
  expect(existsSync(join(root, target))).toBe(true)
})
