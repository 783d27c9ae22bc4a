// @ts-check
// Pages of one room, in their own process. Some of them speak: each says the next thing once it has heard its last one from
// the room, and a few more are on their way. So the room is never idle, and nothing piles up. The others only listen.

const AT_ONCE = 8
const TEXT = 'x'.repeat(60)
const TIMEOUT = 60_000

/**
 * A page that speaks: `onHeard` tells who said something.
 * @typedef {{ say(id: string, text: string): void, onHeard(listener: (id: string) => void): void, close(): void }} Speaker
 */
/**
 * A page that listens: `onHeard` tells how many messages came.
 * @typedef {{ onHeard(listener: (count: number) => void): void, close(): void }} Listener
 */
/** @typedef {{ url: string, language: string, pages: number, speakers: number, messages: number }} Work */
/** @typedef {(url: string, language: string) => Promise<Speaker>} OpenSpeaker */
/** @typedef {(url: string, language: string) => Promise<Listener>} OpenListener */

/** @typedef {{ speakers: Speaker[], listeners: Listener[] }} Pages */

/**
 * Does what the parent process asks for: all pages come in, then they talk, which is answered with the messages per second, then
 * they leave.
 * @param {OpenSpeaker} openSpeaker
 * @param {OpenListener} openListener
 */
export function servePages(openSpeaker, openListener = listenBy(openSpeaker)) {
  /** @type {Pages} */
  let inside = { speakers: [], listeners: [] }
  process.on('message', async (/** @type {{ comeIn: Work } | { talk: Work } | 'leave'} */ order) => {
    if (order === 'leave') {
      for (const page of [...inside.speakers, ...inside.listeners]) page.close()
      process.send?.('left')
    } else if ('comeIn' in order) {
      inside = await comeIn(openSpeaker, openListener, order.comeIn)
      process.send?.('inside')
    } else process.send?.(await talk(inside, order.talk))
  })
  process.on('disconnect', () => process.exit())
}

/**
 * @param {OpenSpeaker} openSpeaker
 * @returns {OpenListener}
 */
function listenBy(openSpeaker) {
  return async (url, language) => {
    const { onHeard, close } = await openSpeaker(url, language)
    return { onHeard: (listener) => onHeard(() => listener(1)), close }
  }
}

/**
 * @param {OpenSpeaker} openSpeaker
 * @param {OpenListener} openListener
 * @param {Work} work
 * @returns {Promise<Pages>}
 */
async function comeIn(openSpeaker, openListener, { url, language, pages, speakers: count }) {
  // The first one makes the room that the others join.
  const speakers = [await openSpeaker(url, language)]
  speakers.push(...(await all(count - 1, () => openSpeaker(url, language))))
  return { speakers, listeners: await all(pages - count, () => openListener(url, language)) }
}

/**
 * @param {Pages} inside
 * @param {Work} work
 */
async function talk({ speakers, listeners }, { pages, messages }) {
  const count = speakers.length
  const each = Math.ceil(messages / count)
  const expected = each * count * pages
  let heard = 0
  const startedAt = performance.now()
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, TIMEOUT)
    /** @param {number} more */
    const hear = (more) => {
      heard += more
      if (heard < expected) return
      clearTimeout(timer)
      resolve(undefined)
    }
    for (const listener of listeners) listener.onHeard(hear)
    for (const [index, speaker] of speakers.entries()) speak(speaker, `page-${index}-`, each, hear)
  })
  const seconds = (performance.now() - startedAt) / 1000
  if (heard !== expected) throw new Error(`Of ${expected} messages, ${heard} arrived within ${TIMEOUT} ms.`)
  return { perSecond: (each * count) / seconds }
}

/**
 * @param {Speaker} speaker
 * @param {string} id
 * @param {number} messages
 * @param {(count: number) => void} hear
 */
function speak(speaker, id, messages, hear) {
  let said = 0
  const say = () => {
    said += 1
    speaker.say(id, TEXT)
  }
  speaker.onHeard((by) => {
    hear(1)
    if (by === id && said < messages) say()
  })
  for (let first = 0; first < Math.min(AT_ONCE, messages); first++) say()
}

/**
 * @template T
 * @param {number} count
 * @param {() => Promise<T>} open
 */
function all(count, open) {
  return Promise.all(Array.from({ length: count }, open))
}
