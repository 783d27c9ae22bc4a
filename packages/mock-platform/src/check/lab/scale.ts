/** What a check needs of a program. One that lacks it is not tried. */
export type Need = 'websocket' | 'edits' | 'linux'

/** How much of everything is tried. */
export interface Scale {
  /** How often the backend is restarted. */
  restarts: number
  /** How often it is killed in the middle of its work. */
  kills: number
  /** How many edits a page sends at once. */
  edits: number
  /** The size of a large message, in bytes. */
  largeMessage: number
  /** How much a page that doesn't read makes the backend answer, in bytes. */
  unread: number
  /** By how much the memory of a backend may grow while a page doesn't read, in bytes. */
  unreadLimit: number
  /** How much the edits of others add up to that a page doesn't read, in bytes. */
  backlog: number
  /** How long a page that answers no ping may stay connected, in ms. */
  silence: number
  /** How many connections are opened and closed between two looks at the memory. */
  connections: number
  /** By how much the memory may grow with each connection that has been closed, in bytes. */
  connectionLimit: number
}
