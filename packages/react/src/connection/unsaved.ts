/** How many changes of this page the backend hasn't saved yet. */
export interface Unsaved {
  /** The number of messages or edits; 0 if all are saved. */
  readonly count: number
  /** When the oldest of them was made, in ms since the epoch. */
  readonly since: number | undefined
}
