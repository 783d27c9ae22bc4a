import { type Clock, SessionBackendError } from '@session-backend/core'
import { watch } from 'chokidar'

/** Files are saved one after the other: this long after the last one, in ms, a change is over. */
const QUIET = 100

/**
 * Calls `onChange` when something below these paths has changed, until the function it resolves to is called.
 */
export async function watchFiles(
  paths: readonly string[],
  clock: Clock,
  onChange: () => void,
): Promise<() => Promise<void>> {
  if (paths.length === 0) return async () => {}
  const watcher = watch([...paths], {
    ignoreInitial: true,
    ignored: (path) => /[/\\](?:node_modules|\.git)(?:[/\\]|$)/.test(path),
  })
  let cancel = () => {}
  watcher.on('all', () => {
    cancel()
    cancel = clock.after(QUIET, onChange)
  })
  const close = async () => {
    cancel()
    const closed = watcher.close()
    // It has let go of all listeners, and may still meet an error on its way.
    watcher.on('error', () => {})
    await closed
  }
  try {
    await new Promise<void>((resolve, reject) => {
      watcher.once('ready', resolve)
      // There may be one for each folder, and later ones as well: what can be watched still is.
      watcher.on('error', reject)
    })
  } catch (cause) {
    await close()
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SessionBackendError(
      'invalid_option',
      `\`watch\` must be paths that can be watched, got ${reason}.`,
      {
        cause,
      },
    )
  }
  return close
}
