/** What the dashboard says in words, in more than one place. */

/**
 * A time span.
 *
 * @param {number} ms
 */
export function span(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`
  return `${Math.floor(ms / 3_600_000)} h ${Math.floor((ms % 3_600_000) / 60_000)} min`
}

/**
 * A time span, in one number: for something that goes on.
 *
 * @param {number} ms
 */
export function roughly(ms) {
  if (ms < 60_000) return `${Math.max(Math.floor(ms / 1000), 0)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`
  if (ms < 172_800_000) return `${Math.floor(ms / 3_600_000)} h`
  return `${Math.floor(ms / 86_400_000)} days`
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`
}

/** @param {string} time In RFC 3339. */
export function clockTime(time) {
  return new Date(time).toLocaleTimeString([], { hour12: false })
}
