import type { SessionBackendError } from '@session-backend/core'
import { invalidOption } from '@session-backend/core/internal'
import * as v from 'valibot'

/** Sets the text that follows "must be" in the message about an invalid value. */
export function mustBe<Schema extends v.GenericSchema>(expected: string, schema: Schema) {
  return v.config(schema, { message: expected })
}

/** Options whose values are not for a log. */
const SECRETS: readonly unknown[] = ['token', 'publicUrl']

/**
 * The error for an option that a schema refuses: "`name` must be …, got …." The messages of the schema say
 * what a value must be.
 *
 * @param whole The name of what was checked.
 */
export function optionError(issue: v.BaseIssue<unknown>, whole: string): SessionBackendError {
  const name = v.getDotPath(issue) ?? whole
  const item = issue.path?.at(-1)
  if (issue.expected === 'never') {
    return invalidOption(name, 'left out, as there is no such option', item?.value)
  }
  const value = item === undefined ? issue.input : item.origin === 'key' ? item.key : item.value
  if (item === undefined || !SECRETS.includes(item.key)) return invalidOption(name, issue.message, value)
  return invalidOption(name, issue.message, value, typeof value === 'string' ? 'another text' : undefined)
}
