// @ts-check
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { BASE, ratiosOf, report } from './report.mjs'
import { compareRooms, plainPages, roomProgram } from './rounds.mjs'

/** @typedef {import('./rounds.mjs').Room} Room */

/** @type {readonly Room[]} */
const ROOMS = [
  { name: BASE, program: roomProgram('by-hand'), pages: plainPages, language: 'raw' },
  { name: 'runBackend, raw', program: roomProgram('raw'), pages: plainPages, language: 'raw' },
  { name: 'runBackend, protocol', program: roomProgram('protocol'), pages: plainPages, language: 'protocol' },
]

const peers = join(import.meta.dirname, 'peers')

/**
 * One room with many pages, next to bare `ws` and to other servers of rooms.
 * @param {{ quick: boolean, peers: boolean }} flags
 */
export async function benchBackend(flags) {
  const startedAt = performance.now()
  const rooms = flags.peers ? [...ROOMS, ...installPeers()] : ROOMS
  const work = { pages: 100, speakers: 10, messages: flags.quick ? 500 : 2_000 }
  const rounds = await compareRooms(rooms, { ...work, rounds: flags.quick ? 5 : 15 })
  for (const { name } of rooms) console.log(name, ratiosOf(rounds, name))
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
  report(rounds, { work, about: `${flags.quick ? 'A quick run' : 'A full run'}, ${minutes} minutes.` })
}

/**
 * Other servers are no part of the workspace: nobody else needs them.
 * @returns {Room[]}
 */
function installPeers() {
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: peers,
    stdio: 'inherit',
  })
  return [
    { name: 'Colyseus', program: join(peers, 'colyseus.mjs'), pages: join(peers, 'colyseus-pages.mjs') },
    {
      name: 'Hocuspocus',
      program: join(peers, 'hocuspocus.mjs'),
      pages: join(peers, 'hocuspocus-pages.mjs'),
    },
  ]
}
