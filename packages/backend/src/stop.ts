/** The platform kills 10 s after it has asked. PROTOCOL.md: "The end". In ms. */
const EXIT_AFTER = 9_500
/** When `signal` aborts, in ms. It leaves time to close the connections to pages. */
const ABORT_AFTER = 8_000
/** Signals that come within this time of the first one are the same request. In ms. */
const SAME_REQUEST = 1_000

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Work to do before the process ends. `signal` aborts after 8 s. The process exits 1.5 s later. */
export type StopWork = (signal: AbortSignal) => unknown

const works = new Set<StopWork>()
let stopping: Promise<void> | undefined

/**
 * Runs `work` on SIGTERM or SIGINT, then exits: with 0, or with 1 if `work` failed or took longer than 9.5 s.
 * If `onStop` was called several times, the works run one after the other, in the order of the calls. A
 * second signal within 1 s is ignored. A later one exits at once.
 *
 * @returns A function that removes `work` again.
 */
export function onStop(work: StopWork): () => void {
  // A wrapper, so that the same function can be given twice.
  const entry: StopWork = (signal) => work(signal)
  if (works.size === 0) for (const signal of SIGNALS) process.on(signal, onSignal)
  works.add(entry)
  return () => {
    works.delete(entry)
    if (works.size === 0) for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

let askedAt = 0

function onSignal(): void {
  if (askedAt > 0 && performance.now() - askedAt > SAME_REQUEST) process.exit(1)
  askedAt ||= performance.now()
  void endProcess(0)
}

/** Does all that was given to {@link onStop}, and exits. */
export function endProcess(code: 0 | 1): Promise<void> {
  stopping ??= stop(code)
  return stopping
}

async function stop(initialCode: 0 | 1): Promise<void> {
  const controller = new AbortController()
  const abort = () => controller.abort(new Error(`Stopping takes longer than ${ABORT_AFTER} ms.`))
  setTimeout(abort, ABORT_AFTER)
  setTimeout(() => {
    console.error(`Stopping took longer than ${EXIT_AFTER} ms. The process exits without finishing.`)
    process.exit(1)
  }, EXIT_AFTER)
  let code = initialCode
  for (const work of works) {
    try {
      await work(controller.signal)
    } catch (error) {
      // A work that fails doesn't keep the others from running.
      console.error('Stopping failed:', error)
      code = 1
    }
  }
  process.exit(code)
}
