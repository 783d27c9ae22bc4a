import { stripVTControlCharacters } from 'node:util'

const HIDDEN = '[redacted]'

/** A shorter value, such as a port or a flag, is no secret, and would black out every other word. */
const SHORTEST_SECRET = 6

/** What looks like a secret wherever it comes from. */
const PATTERNS: readonly [RegExp, string][] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${HIDDEN}`],
  [
    /([\w-]*(?:secret|token|passw(?:or)?d|api[_-]?key|private[_-]?key|authorization|cookie|credential)[\w-]*["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;]+)/gi,
    `$1${HIDDEN}`,
  ],
  [/(\w+:\/\/)[^\s/@]+@/g, `$1${HIDDEN}@`],
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, HIDDEN],
  [/\b(?:sk|pk|ghp|gho|xox[abp]|AKIA)[-_]?[A-Za-z0-9_-]{12,}/g, HIDDEN],
  [/\b(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])[\w+/-]{32,}={0,2}/g, HIDDEN],
]

/** A function that takes the given values, and whatever looks like a secret, out of a line of text. */
export function createRedaction(values: readonly string[]): (line: string) => string {
  // The longest first: one secret may begin with another.
  const secrets = values.filter(({ length }) => length >= SHORTEST_SECRET).sort((a, b) => b.length - a.length)
  return (line) => {
    // Colours and cursor movements could split a secret.
    const plain = stripVTControlCharacters(line)
    const known = secrets.reduce((text, secret) => text.replaceAll(secret, HIDDEN), plain)
    return PATTERNS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), known)
  }
}
