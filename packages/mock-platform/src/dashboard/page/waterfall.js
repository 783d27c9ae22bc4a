/**
 * Draws the way of a backend's first user, from the click to the first message. Nothing is known about it yet.
 *
 * @param {import('../snapshot.ts').BackendView} _backend
 * @returns {HTMLElement | undefined} Undefined if there is nothing to draw.
 */
export function waterfall(_backend) {
  return undefined
}
