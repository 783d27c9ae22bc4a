// @ts-check
import { join } from 'node:path'
import { installPeers, PEERS } from '../shared/peers.mjs'
import { BASE, ratiosOf, report } from './report.mjs'
import { compareRooms, plainPages, roomProgram } from './rounds.mjs'

/** @typedef {import('./rounds.mjs').Room} Room */

/** @type {readonly Room[]} */
const ROOMS = [
  { name: BASE, program: roomProgram('by-hand'), pages: plainPages, language: 'raw' },
  { name: 'runBackend, raw', program: roomProgram('raw'), pages: plainPages, language: 'raw' },
  { name: 'runBackend, protocol', program: roomProgram('protocol'), pages: plainPages, language: 'protocol' },
]

/** @type {readonly Room[]} */
const PEER_ROOMS = ['Colyseus', 'Hocuspocus'].map((name) => ({
  name,
  program: join(PEERS, `${name.toLowerCase()}.mjs`),
  pages: join(PEERS, `${name.toLowerCase()}-pages.mjs`),
}))

/** How many pages a room has, and how many messages are sent there: a message goes to all pages. */
const GROWTH = [
  { pages: 25, messages: 2_000 },
  { pages: 100, messages: 1_000 },
  { pages: 400, messages: 500 },
]

/**
 * One room with many pages, next to bare `ws` and to other servers of rooms.
 * @param {{ quick: boolean, peers: boolean }} flags
 */
export async function benchBackend(flags) {
  const startedAt = performance.now()
  if (flags.peers) installPeers()
  const rooms = flags.peers ? [...ROOMS, ...PEER_ROOMS] : ROOMS
  const work = { pages: 100, speakers: 10, messages: flags.quick ? 500 : 2_000 }
  const rounds = await compareRooms(rooms, { ...work, rounds: flags.quick ? 5 : 15 })
  for (const { name } of rooms) console.log(name, ratiosOf(rounds, name))
  /** @type {import('./report.mjs').GrowthRow[]} */
  const growth = []
  for (const { pages, messages } of GROWTH) {
    const size = { pages, speakers: 10, messages }
    growth.push({ pages, rounds: await compareRooms(ROOMS, { ...size, rounds: flags.quick ? 3 : 7 }) })
    console.log(`${pages} pages: measured.`)
  }
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
  report(rounds, growth, {
    work,
    about: `${flags.quick ? 'A quick run' : 'A full run'}, ${minutes} minutes.`,
  })
}
