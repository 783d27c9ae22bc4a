/** A controller that also aborts when its parent does, and leaves nothing behind on it. */
export function childOf(parent: AbortSignal): AbortController {
  const child = new AbortController()
  const abort = () => child.abort(parent.reason)
  parent.addEventListener('abort', abort, { signal: child.signal })
  if (parent.aborted) abort()
  return child
}
