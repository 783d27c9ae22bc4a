// @ts-check
// Copies the pages of the site out of the repository, with links that lead to the site's pages, or to the repository.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { globSync } from 'tinyglobby'
import { CHAPTERS } from './pages.mjs'

const root = join(import.meta.dirname, '..')
const out = join(import.meta.dirname, 'pages')
const { repository } = JSON.parse(read('packages/core/package.json'))
const REPOSITORY = repository.url.replace(/^git\+|\.git$/g, '')
const pages = CHAPTERS.flatMap(({ pages }) => pages)

rmSync(out, { recursive: true, force: true })
for (const page of pages) write(`${page.path}.md`, textOf(page))
const [look = ''] = /^!\[.*\)$/m.exec(read('README.md')) ?? []
write('index.md', `---\n${read('site/home.yml')}---\n\n${withLinks(look, 'README.md', 'index')}\n`)

/** @param {import('./pages.mjs').Page} page */
function textOf({ title, path, source, sections }) {
  if (source !== undefined) return withLinks(read(source), source, path)
  if (sections === undefined) return changelog()
  const parts = sections.map(([file, heading, title]) => withLinks(section(file, heading, title), file, path))
  return [`# ${title}`, ...parts].join('\n\n')
}

/** What was released, package by package, and what the next release will say. */
function changelog() {
  const released = globSync('packages/*/CHANGELOG.md', { cwd: root }).map((file) =>
    read(file).replace(/^#/gm, '##'),
  )
  const next = globSync('.changeset/*.md', { cwd: root }).map((file) => {
    const [, names = '', text = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(read(file)) ?? []
    const packages = [...names.matchAll(/'(.+)':/g)].map(([, name]) => `\`${name}\``)
    return `**${packages.join(', ')}**: ${text.trim()}`
  })
  const unreleased = next.length > 0 ? ['## Not released yet', ...next] : []
  return ['# Changelog', ...unreleased, ...released].join('\n\n')
}

/** @param {string} file */
function read(file) {
  return readFileSync(join(root, file), 'utf8')
}

/** @param {string} file @param {string} text */
function write(file, text) {
  mkdirSync(dirname(join(out, file)), { recursive: true })
  writeFileSync(join(out, file), text)
}

/**
 * A section with what is below it, as a second-level heading.
 * @param {string} file
 * @param {string} heading
 * @param {string} title
 */
function section(file, heading, title = heading) {
  const lines = read(file).split('\n')
  const start = lines.findIndex((line) => /^#{2,3} /.test(line) && line.replace(/^#+ /, '') === heading)
  if (start < 0) throw new Error(`${file} has no section "${heading}". site/pages.mjs names it.`)
  const level = lines[start]?.indexOf(' ') ?? 0
  let isCode = false
  const length = lines.slice(start + 1).findIndex((line) => {
    if (line.startsWith('```')) isCode = !isCode
    return !isCode && line.startsWith('#') && line.indexOf(' ') <= level
  })
  const text = lines.slice(start, length < 0 ? undefined : start + 1 + length).join('\n')
  return text.replace(/^#+ .*/, `## ${title}`)
}

/**
 * @param {string} markdown
 * @param {string} source The file that it comes from.
 * @param {string} path Where it goes.
 */
function withLinks(markdown, source, path) {
  return markdown.replace(
    /(!?\[[^\]]*\])\((?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?\)/g,
    (_all, text, target, hash = '') => {
      const file = posix.join(posix.dirname(source), target)
      return `${text}(${text.startsWith('!') ? picture(file) : link(file, path) + hash})`
    },
  )
}

/** @param {string} target A file or a folder of the repository. @param {string} from */
function link(target, from) {
  const page = pages.find(({ source }) => source !== undefined && [source, dirname(source)].includes(target))
  if (page) return posix.relative(posix.dirname(from), page.path) || basename(page.path)
  if (!existsSync(join(root, target))) throw new Error(`${from} leads to ${target}, which is not there.`)
  return `${REPOSITORY}/${statSync(join(root, target)).isDirectory() ? 'tree' : 'blob'}/main/${target}`
}

/** Takes the picture along. @param {string} target */
function picture(target) {
  cpSync(join(root, target), join(out, 'public/pictures', basename(target)))
  return `/pictures/${basename(target)}`
}
