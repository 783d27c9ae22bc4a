import { parseJson } from '../wire.ts'

/** The version of the message protocol that these frames are of. PROTOCOL.md: "The message protocol". */
const VERSION = 1

/** What a page says to a room. */
export type PageFrame = HelloFrame | MessageFrame

/** Says whose numbered messages follow, and asks how far they have come. */
export interface HelloFrame {
  type: 'hello'
  page: string
  since: number
  /** The number of the page's last message. */
  last: number
  /** How many pages the connection will speak for after this one. */
  left: number
}

/** What a room says to a page. */
export type RoomFrame =
  | { type: 'welcome'; page: string; since: number; received: number; saved: number }
  | { type: 'forgotten'; page: string }
  | { type: 'received' | 'saved'; page: string; number: number }
  | MessageFrame

/** A message of the app. Those with the number 0 are not kept by anybody. */
export interface MessageFrame {
  type: 'message'
  number: number
  name: string
  content: unknown
}

/** Writes a page's frame. */
export function encodePageFrame(frame: PageFrame): string {
  if (frame.type === 'message') return encodeMessage(frame)
  const { page, since, last, left } = frame
  return JSON.stringify(['hello', VERSION, page, since, last, ...(left > 0 ? [left] : [])])
}

/** Reads a page's frame; `undefined` if it isn't one. */
export function parsePageFrame(text: string): PageFrame | undefined {
  const frame = parseFrame(text)
  if (frame?.[0] !== 'hello') return parseMessage(frame)
  const [, version, page, since, last, left = 0] = frame
  if (version !== VERSION || !isPageId(page)) return undefined
  if (!isCount(since) || !isCount(last) || !isCount(left)) return undefined
  return { type: 'hello', page, since, last, left }
}

/** Writes a room's frame. */
export function encodeRoomFrame(frame: RoomFrame): string {
  switch (frame.type) {
    case 'message':
      return encodeMessage(frame)
    case 'welcome':
      return JSON.stringify([frame.type, frame.page, frame.since, frame.received, frame.saved])
    case 'forgotten':
      return JSON.stringify([frame.type, frame.page])
    default:
      return JSON.stringify([frame.type, frame.page, frame.number])
  }
}

/** Reads a room's frame; `undefined` if it isn't one. */
export function parseRoomFrame(text: string): RoomFrame | undefined {
  const frame = parseFrame(text)
  if (frame === undefined || typeof frame[0] === 'number') return parseMessage(frame)
  const [type, page, number, received, saved] = frame
  if (!isPageId(page)) return undefined
  switch (type) {
    case 'welcome':
      if (!isCount(number) || !isCount(received) || !isCount(saved)) return undefined
      return { type, page, since: number, received, saved }
    case 'forgotten':
      return { type, page }
    case 'received':
    case 'saved':
      return isCount(number) ? { type, page, number } : undefined
    default:
      return undefined
  }
}

function encodeMessage({ number, name, content }: MessageFrame): string {
  return JSON.stringify(content === undefined ? [number, name] : [number, name, content])
}

function parseMessage(frame: unknown[] | undefined): MessageFrame | undefined {
  if (frame === undefined) return undefined
  const [number, name, content] = frame
  return isCount(number) && typeof name === 'string' ? { type: 'message', number, name, content } : undefined
}

function parseFrame(text: string): unknown[] | undefined {
  const frame = parseJson(text)
  return Array.isArray(frame) ? frame : undefined
}

/** PROTOCOL.md: "Once each". */
function isPageId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{16,64}$/.test(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
