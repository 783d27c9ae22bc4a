export const HIDDEN = '[redacted]'

/** Names after which a value is a secret. */
const SECRET_NAME =
  /secret|token|passw(?:or)?d|passwd|api[_-]?key|private[_-]?key|authorization|cookie|credential/i

/** A separator and a value after such a name. */
const ASSIGNED = /(["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;]+)/y

/** A word, as names and most secrets are; a JSON web token has dots as well. */
const WORD = /[\w-]+/g
const DOTTED_WORD = /[\w.-]+/g

/**
 * Takes out of a text what looks like a secret, known or not. Each rule goes over the text once: no rule
 * looks for the start of a word from every place within it, which would take quadratic time for a long word.
 */
export function hideSecretLookalikes(text: string): string {
  const rules = [
    (line: string) => line.replace(/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${HIDDEN}`),
    hideAssigned,
    // The user's name and password in a URL.
    (line: string) => line.replace(/:\/\/[^\s/]+@/g, `://${HIDDEN}@`),
    hideWebTokens,
    (line: string) => line.replace(/\b(?:sk|pk|ghp|gho|xox[abp]|AKIA)[-_]?[A-Za-z0-9_-]{12,}/g, HIDDEN),
    (line: string) => line.replace(/[\w+/-]{32,}={0,2}/g, (word) => (isRandom(word) ? HIDDEN : word)),
  ]
  return rules.reduce((line, hide) => hide(line), text)
}

/** `DB_PASSWORD=…`, `"apiKey": "…"`. */
function hideAssigned(line: string): string {
  let hidden = ''
  let shown = 0
  for (const { 0: word, index } of line.matchAll(WORD)) {
    if (index < shown || !SECRET_NAME.test(word)) continue
    ASSIGNED.lastIndex = index + word.length
    const [assigned, separator = ''] = ASSIGNED.exec(line) ?? []
    if (assigned === undefined) continue
    hidden += line.slice(shown, index) + word + separator + HIDDEN
    shown = index + word.length + assigned.length
  }
  return hidden + line.slice(shown)
}

/** `eyJ…` is how a JSON object begins in base64url. */
function hideWebTokens(line: string): string {
  return line.replace(DOTTED_WORD, (word) => {
    const start = word.indexOf('eyJ')
    return start >= 0 && word.indexOf('.', start) > 0 ? word.slice(0, start) + HIDDEN : word
  })
}

/** Digits and letters in one long word: a key or a hash, and hardly ever a name. */
function isRandom(word: string): boolean {
  return /\d/.test(word) && /[A-Za-z]/.test(word)
}
