/**
 * Whether a string has neither control characters nor lone surrogates: it survives headers, URLs and UTF-8.
 */
export function isPlainText(value: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(value)
}
