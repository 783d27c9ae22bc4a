import type { Backend } from '../backends/backend.ts'
import type { Step } from '../backends/lifecycle.ts'
import type { Feed } from '../feed.ts'

/** What a version of the API says of one step: nothing, or one status or several. */
export type ToStates<State> = (
  step: Step,
  before: Step | undefined,
  last: State | undefined,
  backend: Backend,
) => readonly State[]

/**
 * Tells the lives of backends in the words of one version of the API, each from when it is first asked for.
 */
export function projection<State>(toStates: ToStates<State>): (backend: Backend) => Feed<State> {
  const feeds = new WeakMap<Backend, Feed<State>>()
  return (backend) => {
    const known = feeds.get(backend)
    if (known) return known
    const feed = backend.steps.project<State>((step, before, last) => toStates(step, before, last, backend))
    feeds.set(backend, feed)
    return feed
  }
}
