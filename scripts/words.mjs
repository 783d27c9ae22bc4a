// @ts-check
// Finds words that make an engineer read a sentence twice, in everything that a person reads: pages, comments, messages and
// the titles of tests. Names each place, and fails if there is one. An argument names another repository.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [root = fileURLToPath(new URL('..', import.meta.url))] = process.argv.slice(2)

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
  { pattern: /\b(who|what|wher)ever\b/gi, better: 'anyone who, what, if' },
  { pattern: /\bthe (newer|older) (API|one)\b/gi, better: 'v2, v1' },
  { pattern: /\bauthoris/gi, better: 'authoriz…, as in the API' },
  { pattern: /\btold of\b/gi, better: 'called with, called for, knows' },
  { pattern: /\bwhere (nobody|none)\b/gi, better: 'if nobody' },
  { pattern: /\bha(s|ve)n't got\b/gi, better: "doesn't have" },
  { pattern: /\btime-outs?\b/gi, better: 'timeout' },
]
/** Only in pages for people who use the packages. */
const IN_PAGES = [{ pattern: /\bhouse\b/gi, better: 'the code, the packages' }]

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(md|m?[jt]sx?|html|yml)$/.test(file) && file !== 'scripts/words.mjs')

const places = files.flatMap(readPlaces)
for (const place of places) console.log(place)
process.exitCode = places.length > 0 ? 1 : 0

/** @param {string} file */
function readPlaces(file) {
  const words = file.endsWith('.md') ? [...WORDS, ...IN_PAGES] : WORDS
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .flatMap((line, index) =>
      words.flatMap(({ pattern, better }) =>
        [...line.matchAll(pattern)].map(([word]) => `${file}:${index + 1}: "${word}" (better: ${better})`),
      ),
    )
}
