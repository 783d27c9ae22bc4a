import { stripVTControlCharacters } from 'node:util'

const HIDDEN = '[redacted]'

/** A shorter value, such as a port or a flag, is no secret, and would black out every other word. */
const SHORTEST_SECRET = 6

/** How much of a line is searched for what looks like a secret, so that no line takes long. */
const SEARCHED = 2_000

/** What looks like a secret wherever it comes from. */
const PATTERNS: readonly [RegExp, string][] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${HIDDEN}`],
  [
    /([\w-]*(?:secret|token|passw(?:or)?d|api[_-]?key|private[_-]?key|authorization|cookie|credential)[\w-]*["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;]+)/gi,
    `$1${HIDDEN}`,
  ],
  [/(\w+:\/\/)[^\s/]+@/g, `$1${HIDDEN}@`],
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, HIDDEN],
  [/\b(?:sk|pk|ghp|gho|xox[abp]|AKIA)[-_]?[A-Za-z0-9_-]{12,}/g, HIDDEN],
  [/\b(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])[\w+/-]{32,}={0,2}/g, HIDDEN],
]

/**
 * A function that takes the given values, and whatever looks like a secret, out of a line of text. What is left has no control
 * characters: a colour could split a secret.
 */
export function createRedaction(values: readonly string[]): (line: string) => string {
  // The longest first: one secret may begin with another.
  const secrets = [...new Set(values.flatMap(spellingsOf))]
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length)
  return (line) => {
    const known = secrets.reduce((text, secret) => text.replaceAll(secret, HIDDEN), toPlainText(line))
    return PATTERNS.reduce(
      (text, [pattern, replacement]) => text.replace(pattern, replacement),
      known.slice(0, SEARCHED),
    )
  }
}

/** The ways in which a program may print a value; one of several lines comes line by line. */
function spellingsOf(value: string): string[] {
  const quoted = JSON.stringify(value).slice(1, -1)
  const bytes = Buffer.from(value)
  const encoded = [encodeURIComponent(bytes.toString()), bytes.toString('base64')]
  return [...value.split(/[\r\n]/), quoted, ...encoded].map(toPlainText)
}

/** Without colours, cursor movements and whatever else is not text. */
function toPlainText(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cs}]/gu, '')
}
