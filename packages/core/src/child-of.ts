/**
 * A controller that also aborts when its parent does. Once aborted, it leaves nothing behind on the parent.
 */
export function childOf(parent: AbortSignal | undefined): AbortController {
  const child = new AbortController()
  const abort = () => child.abort(parent?.reason)
  // React Native's signals know no option `signal` that would remove it.
  parent?.addEventListener('abort', abort)
  child.signal.addEventListener('abort', () => parent?.removeEventListener('abort', abort))
  if (parent?.aborted) abort()
  return child
}
