export type { Clock } from './clock.ts'
export {
  ERROR_STATUS,
  type ErrorCode,
  isErrorCode,
  SessionBackendError,
  type SessionBackendErrorOptions,
} from './errors.ts'
export { encodeEvent, type ReadEventsOptions, readEvents, type ServerSentEvent } from './event-stream.ts'
export {
  defineProtocol,
  type MessageReaders,
  type MessageSchemas,
  type Protocol,
  type ProtocolOptions,
  type Validated,
} from './messages/protocol.ts'
export { statusStreamUrl } from './state.ts'
export {
  BACKEND_STATUSES,
  type BackendStatus,
  isBackendStatus,
  isTerminal,
  type LiveStatus,
  type TerminalStatus,
} from './status.ts'
export type { ReachedStatus, Timeline } from './timeline.ts'
export { watchStatus } from './watch-status.ts'
export type { WatchStatusOptions } from './watch-status-stream.ts'
export type { BackendState, Session, TypicalStart } from './wire.ts'
