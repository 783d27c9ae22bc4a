/** A comment that keeps a stream's connections open and shows the reader that the writer is alive. */
export const HEARTBEAT = ':\n\n'

/** How often a server sends {@link HEARTBEAT} on a stream that is otherwise silent, in ms. */
export const HEARTBEAT_INTERVAL = 15_000
