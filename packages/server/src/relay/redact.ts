import { HIDDEN, hideSecretLookalikes } from './secret-patterns.ts'
import { SHORTEST_SECRET, spellingsOf, toPlainText } from './secret-spellings.ts'

/** How many characters of a line are read. The rest isn't shown, so that no line takes long. */
const MAX_LINE = 2_000

/**
 * A function that takes the given values, and anything that looks like a secret, out of a line of text. It
 * takes linear time, and returns at most 2,000 characters, without control characters: a colour could split a
 * secret.
 */
export function createRedaction(values: readonly string[]): (line: string) => string {
  const spellings = spellingsOf(values)
  const byHead = groupBy(spellings, (spelling) => spelling.slice(0, SHORTEST_SECRET))
  const byTail = groupBy(spellings, (spelling) => spelling.slice(-SHORTEST_SECRET))

  /** Returns where the secret ends that begins at `start`, even if the end of the line cuts it off. */
  function endOfSecret(line: string, start: number): number | undefined {
    for (const spelling of byHead.get(line.slice(start, start + SHORTEST_SECRET)) ?? []) {
      if (line.startsWith(spelling, start)) return start + spelling.length
      if (spelling.length > line.length - start && spelling.startsWith(line.slice(start))) return line.length
    }
    return undefined
  }

  /**
   * How many characters at the start of the line are the end of a secret: platforms cut long lines into
   * several.
   */
  function lengthOfTail(line: string): number {
    for (let end = Math.min(line.length, MAX_LINE); end >= SHORTEST_SECRET; end--) {
      const tails = byTail.get(line.slice(end - SHORTEST_SECRET, end))
      if (tails?.some((spelling) => spelling.endsWith(line.slice(0, end)))) return end
    }
    return 0
  }

  function hideValues(line: string): string {
    const tail = lengthOfTail(line)
    let hidden = tail > 0 ? HIDDEN : ''
    let shown = tail
    for (let start = tail; start + SHORTEST_SECRET <= line.length; ) {
      const end = endOfSecret(line, start)
      if (end === undefined) start++
      else {
        hidden += line.slice(shown, start) + HIDDEN
        start = end
        shown = end
      }
    }
    return hidden + line.slice(shown)
  }

  return (line) => {
    // Twice as much is read, because colours and control characters are removed first.
    const plain = toPlainText(line.slice(0, 2 * MAX_LINE)).slice(0, MAX_LINE)
    return hideSecretLookalikes(spellings.length > 0 ? hideValues(plain) : plain).slice(0, MAX_LINE)
  }
}

/** Groups of strings, the longest first: one secret may begin with another. */
function groupBy(texts: readonly string[], keyOf: (text: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const text of [...texts].sort((a, b) => b.length - a.length)) {
    const group = groups.get(keyOf(text))
    if (group) group.push(text)
    else groups.set(keyOf(text), [text])
  }
  return groups
}
