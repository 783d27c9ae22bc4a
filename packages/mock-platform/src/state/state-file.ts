import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SessionBackendError } from '@session-backend/core'
import { parseJson } from '@session-backend/core/internal'
import * as v from 'valibot'

const StateSchema = v.object({
  /** The highest fencing token that was ever given. */
  fencingToken: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** The names of the backends that ran. */
  running: v.array(v.string()),
})

/**
 * A token up to here leaves enough higher ones: 2^52 of them, and each is a number that JavaScript knows
 * exactly.
 */
const HIGHEST_TOKEN = 2 ** 52

/** What a platform has to know of the one before it. */
export type PlatformState = v.InferOutput<typeof StateSchema>

/**
 * Reads a state file. Throws `invalid_option` if it is damaged, or has no higher token to give: to start over
 * could repeat a token.
 */
export async function readState(path: string): Promise<PlatformState> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return { fencingToken: 0, running: [] }
  const state = v.safeParse(StateSchema, parseJson(text))
  if (!state.success) {
    throw new SessionBackendError('invalid_option', `${path} is damaged. Fix it, or use another data folder.`)
  }
  const { fencingToken } = state.output
  if (fencingToken < HIGHEST_TOKEN) return state.output
  throw new SessionBackendError(
    'invalid_option',
    `${path} has the fencing token ${fencingToken}, and no higher one can be given. Use another data folder, and new locks.`,
  )
}

/** Keeps a file up to date with a state that changes: one write at a time, each with the newest state. */
export class StateFile {
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(
    private readonly path: string,
    private readonly current: () => PlatformState,
  ) {}

  /** Resolves when what is true now is on the disk. */
  save(): Promise<void> {
    // A write that has not begun will hold this change too.
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        this.#running = this.#write()
        return this.#running
      })
    return this.#next
  }

  async #write(): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true })
    const file = await open(`${this.path}.new`, 'w', 0o600)
    try {
      await file.writeFile(JSON.stringify(this.current()))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${this.path}.new`, this.path)
  }
}
