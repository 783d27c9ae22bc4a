/** How much of what was done here the backend hasn't saved yet. */
export interface Unsaved {
  /** How many messages or edits; 0 if all are saved. */
  readonly count: number
  /** When the first of them was made, in ms since the epoch. */
  readonly since: number | undefined
}
