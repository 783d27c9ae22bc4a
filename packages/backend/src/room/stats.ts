/** What a room has done since it was opened, to be shown or exported as metrics. */
export interface RoomStats {
  /** How many are connected now. */
  connections: number
  /** Messages that pages sent. */
  received: number
  /** Messages that were sent to pages, each as often as it was sent. */
  sent: number
  /** Volatile messages that were left out for pages that read slowly. */
  dropped: number
  /** Connections that were cut because their page didn't read, or didn't answer. */
  cut: number
  /** Connections that weren't let in. */
  refused: number
  /** Connections that were ended because of what their page sent. */
  invalid: number
  /** Saves that worked. */
  saves: number
  /** Saves that failed. */
  failedSaves: number
  /** Since when something isn't saved, in ms since the epoch; `undefined` if all is. */
  readonly unsavedSince: number | undefined
}

export function createStats(): Omit<RoomStats, 'unsavedSince'> {
  return {
    connections: 0,
    received: 0,
    sent: 0,
    dropped: 0,
    cut: 0,
    refused: 0,
    invalid: 0,
    saves: 0,
    failedSaves: 0,
  }
}
