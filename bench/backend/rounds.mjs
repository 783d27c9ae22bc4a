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

/**
 * Lets rooms work in turns, so that other load on the machine slows all of them.
 * @param {readonly Room[]} rooms
 * @param {{ pages: number, speakers: number, messages: number, rounds: number }} work
 * @returns {Promise<Record<string, Sample>[]>}
 */
export async function compareRooms(rooms, { rounds, ...work }) {
  /** @type {Record<string, Sample>[]} */
  const all = []
  for (let round = 0; round < rounds; round++) {
    /** @type {Record<string, Sample>} */
    const samples = {}
    for (const room of round % 2 === 0 ? rooms : rooms.toReversed()) {
      samples[room.name] = await measure(room, work)
    }
    all.push(samples)
  }
  return all
}

/**
 * @param {Room} room
 * @param {{ pages: number, speakers: number, messages: number }} work
 * @returns {Promise<Sample>}
 */
async function measure({ program, pages, language }, work) {
  const server = await startProgram(program, { env: { PORT: '0' } })
  const talkers = fork(pages)
  try {
    // The first messages compile what all others run.
    await talk(talkers, { ...work, url: server.url, language, messages: work.messages / 10 })
    const before = await server.usage()
    const { perSecond } = await talk(talkers, { ...work, url: server.url, language })
    const after = await server.usage()
    return { perSecond, cpu: (after.cpu - before.cpu) / work.messages }
  } finally {
    talkers.disconnect()
    await server.close()
  }
}

/**
 * @param {import('node:child_process').ChildProcess} talkers
 * @param {object} work
 */
async function talk(talkers, work) {
  talkers.send(work)
  const failed = once(talkers, 'exit').then(() => {
    throw new Error('The pages failed: see above.')
  })
  failed.catch(() => {})
  const [answer] = await Promise.race([once(talkers, 'message'), failed])
  return answer
}

/** @param {string} name */
export const roomProgram = (name) => join(import.meta.dirname, 'rooms', `${name}.mjs`)
export const plainPages = join(import.meta.dirname, 'pages.mjs')
