import { SessionBackendError } from './errors.ts'

/** What an option may be. */
export interface OptionRule {
  /** Goes into the message, behind "must be". */
  readonly expected: string
  isValid(value: unknown): boolean
  /** Whether it must be given. */
  readonly required?: boolean
}

export const aFunction: OptionRule = {
  expected: 'a function',
  isValid: (value) => typeof value === 'function',
}
export const aBoolean: OptionRule = {
  expected: 'true or false',
  isValid: (value) => typeof value === 'boolean',
}

/** A number that is finite and not below `min`. */
export function aNumber(min: number, unit = ''): OptionRule {
  return {
    expected: `a number of at least ${min}${unit && ` ${unit}`}`,
    isValid: (value) => Number.isFinite(value) && Number(value) >= min,
  }
}

/**
 * Checks options that come from callers without types. A name with dots is an option of an option.
 *
 * @throws SessionBackendError `invalid_option`: "`name` must be …, got …."
 */
export function checkRules(options: object, rules: Readonly<Record<string, OptionRule>>): void {
  for (const [name, rule] of Object.entries(rules)) {
    const value = name.split('.').reduce<unknown>((at, part) => (at == null ? at : Object(at)[part]), options)
    if (value === undefined ? rule.required : !rule.isValid(value))
      throw invalidOption(name, rule.expected, value)
  }
}

/**
 * The error for an option that is wrong. Of objects and lists the message tells no values, which may be
 * secrets.
 *
 * @param got What was given, in words. Give it if the value is a secret.
 */
export function invalidOption(
  name: string,
  expected: string,
  value: unknown,
  got = describeValue(value),
): SessionBackendError {
  return new SessionBackendError('invalid_option', `\`${name}\` must be ${expected}, got ${got}.`)
}

function describeValue(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null)
    return `an object with ${Object.keys(value).join(', ') || 'nothing'}`
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : String(value)
}
