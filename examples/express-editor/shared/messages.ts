/**
 * What a page and its backend say to each other: y-protocols' messages (the ones that y-websocket speaks
 * too), and one of this app, by which the backend says what is safe on disk.
 */
export const MESSAGE = {
  sync: 0,
  awareness: 1,
  /** The snapshot of what has been written and flushed: the edits in it survive a crash. */
  saved: 100,
} as const

/** The name of the document's text inside its `Y.Doc`. */
export const TEXT = 'content'
