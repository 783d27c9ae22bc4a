// The code that reads status streams. A page loads it separately, when it waits for a backend.
// It may change in any release; apps import from the index.
export { watchStatusStream } from './watch-status-stream.ts'
