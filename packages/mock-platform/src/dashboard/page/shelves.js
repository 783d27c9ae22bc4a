/** @typedef {import('../snapshot.ts').BackendView} Backend */

/**
 * Where the pointer is. Null is neither.
 *
 * @typedef {'live' | 'ended' | null} Place
 */

/**
 * What the two lists show.
 *
 * @typedef {object} Shelves
 * @property {Backend[]} live In the order of their start. Some have ended, and wait to leave.
 * @property {Backend[]} ended The latest end first.
 * @property {{ started: number, ended: number }} waiting How many changes wait for the pointer to leave.
 */

/**
 * Sorts backends into the list of live ones and that of ended ones, so that nothing moves what the user is about to
 * click:
 *
 * - New backends are added at the end of the live ones. While the pointer is in the ended ones, which are below, they
 *   wait.
 * - A backend that ends keeps its place until the pointer has left both lists, and while it is held: its details are
 *   open, or it has the focus.
 */
export function createShelves() {
  /** @type {Map<string, Backend>} */
  let live = new Map()
  /** @type {Map<string, Backend>} */
  let ended = new Map()

  /**
   * @param {readonly Backend[]} backends
   * @param {Place} place
   * @param {(name: string) => boolean} isHeld
   * @returns {Shelves}
   */
  return function sort(backends, place, isHeld) {
    const current = new Map(backends.map((backend) => [backend.name, backend]))
    const before = live
    live = new Map()
    for (const [name, last] of before) {
      const backend = current.get(name)
      const isLive = backend?.live ?? false
      if (isLive || place !== null || isHeld(name)) live.set(name, backend ?? { ...last, live: false })
    }
    let started = 0
    for (const backend of backends) {
      if (!backend.live || before.has(backend.name)) continue
      if (place === 'ended') started++
      else live.set(backend.name, backend)
    }
    const below = new Map(
      backends.flatMap((each) => (each.live || live.has(each.name) ? [] : [[each.name, each]])),
    )
    if (place === 'ended') ended = new Map([...ended].filter(([name]) => !live.has(name)))
    else ended = below
    return {
      live: [...live.values()],
      ended: [...ended.values()],
      waiting: {
        started,
        ended: [...live.values()].filter((each) => !each.live && !isHeld(each.name)).length,
      },
    }
  }
}
