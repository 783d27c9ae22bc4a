/** The signals by which people, terminals and process managers end a program. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Signals within this time of the first one are the same request. In ms. */
const SAME_REQUEST = 2_000

/** Options of {@link endOnSignal}. */
export interface EndOnSignalOptions {
  /** Called when the end begins, once. */
  onEnding?: (() => void) | undefined
}

/**
 * Ends a program gracefully by SIGINT, SIGTERM or SIGHUP, or when its terminal is gone. Ctrl-C more than two
 * seconds later ends it at once, with the exit code 130.
 *
 * One Ctrl-C often brings two signals: `concurrently` sends SIGINT again, for which it runs `ps` first, and
 * `pnpm exec` adds SIGTERM. A closed terminal sends SIGHUP, and what is written to it then fails with EIO.
 *
 * @param close Ends what the program runs. It gets the signal: SIGHUP also for a terminal that is gone. The program exits when nothing is left that keeps it running.
 */
export function endOnSignal(
  close: (signal: NodeJS.Signals) => Promise<void>,
  { onEnding }: EndOnSignalOptions = {},
): void {
  let endingSince: number | undefined
  const end = async (signal: NodeJS.Signals) => {
    endingSince = performance.now()
    onEnding?.()
    await close(signal)
    for (const signal of SIGNALS) process.off(signal, handle)
  }
  const handle = (signal: NodeJS.Signals) => {
    if (endingSince === undefined) void end(signal)
    else if (signal === 'SIGINT' && performance.now() - endingSince > SAME_REQUEST) process.exit(130)
  }
  for (const signal of SIGNALS) process.on(signal, handle)
  // Without a listener, a failed write ends the program, and its backends with it, before they have saved.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => handle('SIGHUP'))
}
