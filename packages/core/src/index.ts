export { type Backoff, type BackoffOptions, createBackoff } from './backoff.ts'
export { readText } from './body.ts'
export { childOf } from './child-of.ts'
export { type Clock, sleep, systemClock } from './clock.ts'
export {
  ERROR_STATUS,
  type ErrorCode,
  errorCodeOf,
  isErrorCode,
  SessionBackendError,
  type SessionBackendErrorOptions,
} from './errors.ts'
export {
  encodeEvent,
  HEARTBEAT,
  HEARTBEAT_INTERVAL,
  type ReadEventsOptions,
  readEvents,
  type ServerSentEvent,
} from './event-stream.ts'
export {
  encodePageFrame,
  encodeRoomFrame,
  type MessageFrame,
  type PageFrame,
  parsePageFrame,
  parseRoomFrame,
  type RoomFrame,
} from './messages/frames.ts'
export {
  defineProtocol,
  type MessageReaders,
  type MessageSchemas,
  type Protocol,
  type ProtocolOptions,
  type Validated,
  validate,
} from './messages/protocol.ts'
export { createStateParser, parseAnyState, statusStreamUrl } from './state.ts'
export {
  BACKEND_STATUSES,
  type BackendStatus,
  isBackendStatus,
  isForward,
  isTerminal,
  type LiveStatus,
  type TerminalStatus,
} from './status.ts'
export {
  isBeforeEnd,
  parseV2State,
  TERMINATION_REASONS,
  type TerminationReason,
  toBackendStatus,
  V2_STATUSES,
  type V2State,
  type V2Status,
} from './status-v2.ts'
export { addPhase, type Phase, parseTimeline, TIMELINE_EVENT, type Timeline } from './timeline.ts'
export { watchStatus } from './watch-status.ts'
export { type WatchStatusOptions, watchStatusStream } from './watch-status-stream.ts'
export {
  type BackendAnswer,
  type BackendState,
  type ErrorBody,
  isLock,
  isRecord,
  MAX_LOCK_LENGTH,
  parseBackendAnswer,
  parseErrorBody,
  parseJson,
  parseRetryAfter,
  parseSession,
  parseState,
  RESERVED_ENV,
  type Session,
  type SpawnRequest,
  toBackendAnswer,
} from './wire.ts'
export {
  type ConnectAnswer,
  type ConnectRequest,
  type ConnectSpawn,
  isVerifiable,
  parseConnectAnswer,
} from './wire-v2.ts'
