// @ts-check
// A release runs `node scripts/set-repository.mjs owner/name` before it packs the packages. The sources carry the
// placeholder OWNER/REPOSITORY and READMEs with relative links; npm shows a README only with absolute ones.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const [repository = '', root = join(dirname(fileURLToPath(import.meta.url)), '..')] = process.argv.slice(2)
if (!/^[\w-]+\/[\w.-]+$/.test(repository)) {
  console.error(`The repository must be given as owner/name, got "${repository}".`)
  process.exit(1)
}

for (const name of readdirSync(join(root, 'packages'))) {
  const folder = `packages/${name}`
  edit(`${folder}/package.json`, (text) => text.replaceAll('OWNER/REPOSITORY', repository))
  edit(`${folder}/README.md`, (text) => withAbsoluteLinks(text, folder))
}
edit('.github/ISSUE_TEMPLATE/config.yml', (text) => text.replaceAll('OWNER/REPOSITORY', repository))
console.log(`The packages name ${repository} as their repository.`)

/**
 * Pictures must be the files themselves; everything else is a page about a file or folder.
 * @param {string} markdown
 * @param {string} folder
 */
function withAbsoluteLinks(markdown, folder) {
  return markdown.replace(/(!?)\[([^\]]*)\]\((?![a-z]+:|#)([^)\s]+)\)/g, (_match, picture, text, target) => {
    const view = picture ? 'raw' : 'blob'
    const path = posix.join(folder, target)
    return `${picture}[${text}](https://github.com/${repository}/${view}/main/${path})`
  })
}

/**
 * @param {string} path
 * @param {(text: string) => string} change
 */
function edit(path, change) {
  const file = join(root, path)
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}
