import { stripVTControlCharacters } from 'node:util'

/** Shorter values, such as a port or a flag, are not secrets, and would black out every other word. */
export const SHORTEST_SECRET = 6

/** Every way in which a program is known to print one of the values. */
export function spellingsOf(values: readonly string[]): string[] {
  const spellings = values
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .flatMap((value) => [
      // A value of several lines is printed line by line.
      ...value.split(/[\r\n]/),
      ...quoted(value),
      ...percentEncoded(Buffer.from(value).toString()),
      ...base64(value),
      ...hex(value),
    ])
  return [...new Set(spellings.map(toPlainText))].filter(({ length }) => length >= SHORTEST_SECRET)
}

/** Without colours, cursor movements and anything else that is not text. */
export function toPlainText(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cs}]/gu, '')
}

/** As JSON, and as JSON within JSON, which is how a logger prints a body that it was given as a string. */
function quoted(value: string): string[] {
  const quote = (text: string) => JSON.stringify(text).slice(1, -1)
  const once = quote(value)
  const twice = quote(once)
  return [once, twice, quote(twice)]
}

/** As part of a URL, as a whole URL, and as a form has it. RFC 3986 allows lower-case digits too. */
function percentEncoded(value: string): string[] {
  const component = encodeURIComponent(value)
  const strict = component.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  const form = new URLSearchParams([['', value]]).toString().slice(1)
  const upper = [component, strict, encodeURI(value), form]
  return [...upper, ...upper.map((text) => text.replace(/%../g, (digits) => digits.toLowerCase()))]
}

/**
 * As base64 and base64url, also if the value is only a part of what was encoded, as in `user:password`. Then
 * its bytes begin at any of three places within a group of four characters; those that hold bits of other
 * bytes are left out.
 */
function base64(value: string): string[] {
  const bytes = Buffer.from(value)
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64url')
    const first = [0, 2, 3][before]
    const isWhole = (before + bytes.length) % 3 === 0
    const inner = encoded.slice(first, isWhole ? undefined : -1)
    return [inner, inner.replaceAll('-', '+').replaceAll('_', '/')]
  })
}

/** As hex digits: in one piece, and as Node and debuggers print bytes. */
function hex(value: string): string[] {
  const digits = Buffer.from(value).toString('hex')
  const lower = [digits, digits.replace(/..(?=.)/g, '$& '), digits.replace(/..(?=.)/g, '$&:')]
  return [...lower, ...lower.map((text) => text.toUpperCase())]
}
