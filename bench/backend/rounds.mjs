// @ts-check
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startProgram } from '../shared/program.mjs'

/**
 * A room, and how its pages talk. `pages` is the program that they run in.
 * @typedef {{ name: string, program: string, pages: string, language?: string }} Room
 */
/**
 * What one room did in one round: messages per second that came in, and µs of the server's processor time for each.
 * @typedef {{ perSecond: number, cpu: number }} Sample
 */
/** @typedef {{ pages: number, speakers: number, messages: number }} Work */

/**
 * Lets rooms work in turns, so that other load on the machine slows all of them. Their processes live as long as all rounds: what
 * is compiled once is not measured.
 * @param {readonly Room[]} rooms
 * @param {Work & { rounds: number }} work
 * @returns {Promise<Record<string, Sample>[]>}
 */
export async function compareRooms(rooms, { rounds, ...work }) {
  /** @type {RunningRoom[]} */
  const running = []
  try {
    for (const room of rooms) running.push(await startRoom(room))
    await round(running, work)
    /** @type {Record<string, Sample>[]} */
    const all = []
    // Each room is next to each other one as often before it as after it.
    for (let i = 0; i < rounds; i++) all.push(await round(i % 2 === 0 ? running : running.toReversed(), work))
    return all
  } finally {
    for (const room of running) await room.close()
  }
}

/** @typedef {Awaited<ReturnType<typeof startRoom>>} RunningRoom */

/** @param {Room} room */
async function startRoom({ name, program, pages: pagesProgram, language }) {
  const server = await startProgram(program, { env: { PORT: '0' } })
  const pages = startPages(pagesProgram)
  return {
    name,
    /** @param {Work} work @returns {Promise<Sample>} */
    async measure(work) {
      const order = { ...work, url: server.url, language }
      await pages.ask({ comeIn: order })
      const before = await server.usage()
      const { perSecond } = await pages.ask({ talk: order })
      const after = await server.usage()
      await pages.ask('leave')
      return { perSecond, cpu: (after.cpu - before.cpu) / work.messages }
    },
    async close() {
      pages.close()
      await server.close()
    },
  }
}

/**
 * @param {readonly RunningRoom[]} rooms
 * @param {Work} work
 */
async function round(rooms, work) {
  /** @type {Record<string, Sample>} */
  const samples = {}
  for (const { name, measure } of rooms) samples[name] = await measure(work)
  return samples
}

/** Starts the pages' process. @param {string} program */
function startPages(program) {
  const child = fork(program)
  const failed = once(child, 'exit').then(() => {
    throw new Error('The pages failed: see above.')
  })
  failed.catch(() => {})
  return {
    /** @param {object | 'leave'} order */
    async ask(order) {
      child.send(order)
      const [answer] = await Promise.race([once(child, 'message'), failed])
      return answer
    },
    close: () => child.disconnect(),
  }
}

/** @param {string} name */
export const roomProgram = (name) => join(import.meta.dirname, 'rooms', `${name}.mjs`)
export const plainPages = join(import.meta.dirname, 'pages.mjs')
