// @ts-check

/** @typedef {{ what: string, target: string, value: number, met: boolean }} Target */

/**
 * @param {string} what
 * @param {number} target
 * @param {number} value
 * @returns {Target}
 */
export function atLeast(what, target, value) {
  return { what, target: `≥ ${target}`, value, met: value >= target }
}

/**
 * @param {string} what
 * @param {number} target
 * @param {number} value
 * @returns {Target}
 */
export function atMost(what, target, value) {
  return { what, target: `≤ ${target}`, value, met: value <= target }
}
