/** A controller that also aborts when its parent does. Once aborted, it leaves nothing behind on the parent. */
export function childOf(parent: AbortSignal | undefined): AbortController {
  const child = new AbortController()
  const abort = () => child.abort(parent?.reason)
  parent?.addEventListener('abort', abort, { signal: child.signal })
  if (parent?.aborted) abort()
  return child
}
