// @ts-check
// Pages of one room, in their own process. Some of them speak: each says the next thing once it has heard its last one from
// the room, and a few more are on their way. So the room is never idle, and nothing piles up.

const AT_ONCE = 8
const TEXT = 'x'.repeat(60)
const TIMEOUT = 300_000

/**
 * A page in the room.
 * @typedef {{ say(id: string, text: string): void, onHeard(listener: (id: string) => void): void, close(): void }} Page
 */

/**
 * Does what the parent process asks for, and answers with the messages per second.
 * @param {(url: string, language: string) => Promise<Page>} open
 */
export function servePages(open) {
  process.on('message', async (/** @type {Work} */ work) => process.send?.(await talk(open, work)))
  process.on('disconnect', () => process.exit())
}

/** @typedef {{ url: string, language: string, pages: number, speakers: number, messages: number }} Work */

/**
 * @param {(url: string, language: string) => Promise<Page>} open
 * @param {Work} work
 */
async function talk(open, { url, language, pages: count, speakers, messages }) {
  // The first one makes the room that the others join.
  const pages = [await open(url, language)]
  pages.push(...(await Promise.all(Array.from({ length: count - 1 }, () => open(url, language)))))
  const each = Math.ceil(messages / speakers)
  const expected = each * speakers * count
  let heard = 0
  const startedAt = performance.now()
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, TIMEOUT)
    for (const [index, page] of pages.entries()) {
      const id = `page-${index}-`
      let said = 0
      const say = () => {
        said += 1
        page.say(id, TEXT)
      }
      page.onHeard((by) => {
        heard += 1
        if (heard === expected) {
          clearTimeout(timer)
          resolve(undefined)
        }
        if (by === id && said < each) say()
      })
      if (index < speakers) for (let first = 0; first < Math.min(AT_ONCE, each); first++) say()
    }
  })
  const seconds = (performance.now() - startedAt) / 1000
  for (const page of pages) page.close()
  if (heard !== expected) throw new Error(`Of ${expected} messages, ${heard} arrived within ${TIMEOUT} ms.`)
  return { perSecond: (each * speakers) / seconds }
}
