import { type BackendState, isTerminal, type TypicalStart } from '@session-backend/core'
import { Recent } from '../common/recent.ts'

/** How many starts of each tag count. */
const STARTS = 50

/** How long the last starts of a service took. PROTOCOL.md: "The session". */
export class StartTimes {
  /** In ms, by tag. */
  readonly #times = new Recent<readonly number[]>(100)
  #following = 0

  /** How many starts are being followed. */
  get following(): number {
    return this.#following
  }

  /**
   * Passes on the statuses of a backend that was just spawned, and notes when it is Ready.
   *
   * @param onOver Called when it is Ready, or has ended before, with the time that it took in ms.
   */
  async *follow(
    states: AsyncIterable<BackendState>,
    tag: string | undefined,
    onOver: (status: BackendState['state'], ms: number) => void = () => {},
  ): AsyncGenerator<BackendState, void, void> {
    let began: number | undefined
    this.#following++
    try {
      for await (const state of states) {
        const time = Date.parse(state.time)
        began ??= time
        if (state.state === 'Ready') this.add(tag, time - began)
        if (state.state === 'Ready' || isTerminal(state.state)) onOver(state.state, time - began)
        yield state
      }
    } finally {
      this.#following--
    }
  }

  add(tag = '', ms: number): void {
    // The platform's times may be no dates, and its clock may be set back.
    if (ms >= 0) this.#times.set(tag, [...(this.#times.get(tag) ?? []), ms].slice(-STARTS))
  }

  /** How long starts of a tag usually take, if any was seen. */
  typical(tag = ''): TypicalStart | undefined {
    const sorted = this.#times.get(tag)?.toSorted((one, other) => one - other)
    return sorted && { p50: percentile(sorted, 0.5), p90: percentile(sorted, 0.9) }
  }
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.ceil(sorted.length * part) - 1] ?? 0
}
