// @ts-check
// Finds words that make an engineer read a sentence twice, in everything that a person reads: pages, comments, messages and
// the titles of tests. `node scripts/words.mjs` counts them by folder; with `--list` it names each place. It fails if a
// folder has more of them than ALLOWED says.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What to write in their place. */
const WORDS = [
  { pattern: /\banew\b/gi, better: 'again' },
  { pattern: /\bbesides?\b/gi, better: 'next to, also' },
  { pattern: /\b(behold|foresaw|foreseen?|lest|goes along)\b/gi, better: 'plain words' },
  { pattern: /\bjudgement\b/gi, better: 'what it depends on' },
  { pattern: /\bmeanwhile\b/gi, better: 'nothing, or when exactly' },
  { pattern: /\bmend(s|ed|ing)?\b/gi, better: 'fix' },
  { pattern: /\b(is|are) none\b/gi, better: 'is not a, there is no' },
  { pattern: /\bof (its|their|his|her) own\b/gi, better: 'its own, or nothing' },
  { pattern: /\b(who|what|where)ever\b/gi, better: 'anyone who, what, if' },
  { pattern: /\bthe (newer|older) (API|one)\b/gi, better: 'v2, v1' },
]
/** Only in pages for people who use the packages. */
const IN_PAGES = [{ pattern: /\bhouse\b/gi, better: 'the code, the packages' }]

/** How many may be left in a folder. */
const ALLOWED = {
  e2e: 3,
}

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(md|m?[jt]sx?|html|yml)$/.test(file) && file !== 'scripts/words.mjs')

/** @type {Map<string, string[]>} */
const found = new Map()
for (const file of files) {
  const places = readPlaces(file)
  const folder = /^(packages|examples)\/[^/]+|^[^/]+(?=\/)/.exec(file)?.[0] ?? 'the root'
  found.set(folder, [...(found.get(folder) ?? []), ...places])
}

let failed = false
for (const [folder, places] of [...found].sort()) {
  const allowed = /** @type {Record<string, number>} */ (ALLOWED)[folder] ?? 0
  if (places.length > 0) console.log(`${folder}: ${places.length} (${allowed} allowed)`)
  if (places.length > allowed) failed = true
  if (places.length > allowed || process.argv.includes('--list')) console.log(places.join('\n'))
}
process.exitCode = failed ? 1 : 0

/** @param {string} file */
function readPlaces(file) {
  const words = file.endsWith('.md') ? [...WORDS, ...IN_PAGES] : WORDS
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .flatMap((line, index) =>
      words.flatMap(({ pattern, better }) =>
        [...line.matchAll(pattern)].map(([word]) => `  ${file}:${index + 1}: "${word}" (better: ${better})`),
      ),
    )
}
