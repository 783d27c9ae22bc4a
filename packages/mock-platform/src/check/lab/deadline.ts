import type { Finding } from './finding.ts'

/**
 * Resolves to what the promise does. Throws the finding of `late` after `ms`, and rejects as soon as the signal aborts.
 */
export async function within<Value>(
  promise: Promise<Value>,
  ms: number,
  signal: AbortSignal,
  late: () => Finding,
): Promise<Value> {
  // What nobody waits for any more may still fail.
  promise.catch(() => {})
  signal.throwIfAborted()
  let stop = () => {}
  const limit = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(late()), ms)
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    stop = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    stop()
  }
}
