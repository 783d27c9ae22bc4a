const UNITS = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }
/** The least memory that Docker accepts, in bytes. */
const LEAST = 6 * UNITS.m

/**
 * An amount of memory, in bytes: a number, or as Docker's client takes it, `512m`. Undefined if it is
 * neither.
 */
export function toBytes(memory: unknown): number | undefined {
  const [, digits, unit = 'b'] = /^(\d+)([bkmg])?$/i.exec(String(memory)) ?? []
  const factor = Object.entries(UNITS).find(([name]) => name === unit.toLowerCase())?.[1]
  const bytes = digits === undefined || factor === undefined ? Number.NaN : Number(digits) * factor
  return Number.isSafeInteger(bytes) && bytes >= LEAST ? bytes : undefined
}
