import { type Clock, SessionBackendError } from '@session-backend/core'
import { watch } from 'chokidar'

/** Files are saved one after the other: this long after the last one, in ms, a change is over. */
const QUIET = 100

/** Calls `onChange` when something below these paths has changed, until the function it resolves to is called. */
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
  await new Promise<void>((resolve, reject) => {
    watcher.once('ready', resolve)
    watcher.once('error', (cause) =>
      reject(new SessionBackendError('invalid_option', 'A watched path cannot be watched.', { cause })),
    )
  })
  return async () => {
    cancel()
    await watcher.close()
  }
}
