/** Counts since the room was opened, for metrics. */
export interface RoomStats {
  /** Connections that are open now. */
  connections: number
  /** Messages that pages sent. */
  received: number
  /** Messages that were sent to pages. A broadcast counts once for each page. */
  sent: number
  /** Volatile messages that were left out for pages that read slowly. */
  dropped: number
  /** Connections that were cut because their page didn't read, or didn't answer. */
  cut: number
  /** Connections that were refused by `authorize`. */
  refused: number
  /** Connections that were closed because their page sent something invalid. */
  invalid: number
  /** Saves that worked. */
  saves: number
  /** Saves that failed. */
  failedSaves: number
  /** When the oldest unsaved change was made, in ms since the epoch; `undefined` if all changes are saved. */
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
