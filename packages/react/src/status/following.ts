// What follows a status. Loaded when a session first waits for a backend: a page whose backend is Ready does
// without.
export { watchStatusStream } from '@session-backend/core/stream'
export { followStatus } from './follow-status.ts'
