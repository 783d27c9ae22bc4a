import { address } from './checks/address.ts'
import type { Check } from './checks/check.ts'
import { edits } from './checks/edits.ts'
import { fencing } from './checks/fencing.ts'
import { holders } from './checks/holders.ts'
import { kill } from './checks/kill.ts'
import { largeMessage } from './checks/large-message.ts'
import { memory } from './checks/memory.ts'
import { ready } from './checks/ready.ts'
import { restarts } from './checks/restarts.ts'
import { saves } from './checks/saves.ts'
import { silentPage } from './checks/silent-page.ts'
import { slowPage } from './checks/slow-page.ts'
import { stop } from './checks/stop.ts'
import { unreadEdits } from './checks/unread-edits.ts'
import { warm } from './checks/warm.ts'
import type { Scale } from './lab/scale.ts'

/** All checks, in the order in which they run. */
export const CHECKS: readonly Check[] = [
  ready,
  address,
  stop,
  saves,
  kill,
  fencing,
  holders,
  edits,
  largeMessage,
  slowPage,
  restarts,
  memory,
  warm,
  silentPage,
  // Last, because a storage that documents share is large then.
  unreadEdits,
]

const MB = 1024 ** 2

/** How much of everything the program tries. */
export const FULL_SCALE: Scale = {
  restarts: 20,
  kills: 10,
  edits: 10_000,
  largeMessage: 16 * MB,
  unread: 64 * MB,
  unreadLimit: 64 * MB,
  backlog: 40 * MB,
  silence: 75_000,
  connections: 300,
  connectionLimit: 32 * 1024,
}
