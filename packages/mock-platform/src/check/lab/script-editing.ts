import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SessionBackendError } from '@session-backend/core'
import { invalidOption, isRecord } from '@session-backend/core/internal'
import type { Editing, Edits } from './editing.ts'

/** Edits documents as a module does. Throws `invalid_option` if it can't be loaded, or exports no function. */
export async function scriptEditing(path: string): Promise<Editing> {
  const module: unknown = await import(pathToFileURL(resolve(path)).href).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `\`--edits\` must be a module that can be loaded, got ${JSON.stringify(path)}. ${reason}`
    throw new SessionBackendError('invalid_option', message, { cause })
  })
  const open = isRecord(module) ? module.default : undefined
  if (typeof open !== 'function') {
    throw invalidOption('--edits', 'a module whose default export is a function', path)
  }
  return {
    description: `the edits of ${path}`,
    createPage: () => ({
      connect: async ({ url, signal }) => toEdits(await open({ url, signal })),
    }),
  }
}

/** Checks what a module's function returned. */
function toEdits(value: unknown): Edits {
  if (isEdits(value)) return value
  throw new Error('The function of --edits must resolve to an object with `edit`, `read` and `close`.')
}

function isEdits(value: unknown): value is Edits {
  return isRecord(value) && ['edit', 'read', 'close'].every((name) => typeof value[name] === 'function')
}
