import 'server-only'

/** What this app signs with: the cookies by which it knows its users again. */
export function secret(): string {
  const { WHITEBOARD_SECRET = '' } = process.env
  if (WHITEBOARD_SECRET.length >= 32) return WHITEBOARD_SECRET
  throw new Error('Set WHITEBOARD_SECRET to a random text of 32 characters or more.')
}
