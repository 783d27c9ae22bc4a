// What reads status streams, apart from the rest: a page loads it when it waits for a backend.
// It may change in any release; apps import from the index.
export { watchStatusStream } from './watch-status-stream.ts'
