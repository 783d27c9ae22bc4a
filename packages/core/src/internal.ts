// Shared by our packages only. It may change in any release. Apps must import from the index.
export { type Backoff, type BackoffOptions, createBackoff, pause } from './backoff.ts'
export { readText } from './body.ts'
export { childOf } from './child-of.ts'
export { sleep, systemClock } from './clock.ts'
export { encodeComeBack, parseComeBack } from './come-back.ts'
export { CONTROL_KEY_VARIABLE, controlKeyInfo, isCurrent, lastCurrent } from './control/control-key.ts'
export {
  CONTROL_PATH,
  type ControlMessage,
  type ControlSignature,
  type ControlStamp,
  controlText,
  encodeControlSignature,
  MAX_CONTROL_BODY,
  parseControlMessage,
  parseControlSignature,
  SIGNATURE_HEADER,
} from './control/control-request.ts'
export {
  AUTHORIZED_AT,
  encodeUserToken,
  MAX_CLAIMS,
  parseUserClaims,
  parseUserToken,
  USER_TOKEN_PARAMETER,
  type UserClaims,
  userTokenText,
} from './control/user-token.ts'
export { DEVELOPMENT } from './development.ts'
export { errorCodeOf, isErrorCode, SessionBackendError } from './errors.ts'
export { HEARTBEAT, HEARTBEAT_INTERVAL } from './heartbeat.ts'
export {
  encodePageFrame,
  encodeRoomFrame,
  type HelloFrame,
  type MessageFrame,
  type PageFrame,
  parsePageFrame,
  parseRoomFrame,
  type RoomFrame,
} from './messages/frames.ts'
export { defineProtocol, validate } from './messages/protocol.ts'
export { loadProgram } from './node-version.ts'
export { aBoolean, aFunction, aNumber, checkRules, invalidOption, type OptionRule } from './options.ts'
export { createStateParser, parseAnyState } from './state.ts'
export { BACKEND_STATUSES, isForward, isTerminal } from './status.ts'
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
export { addStatus, parseTimeline, TIMELINE_EVENT } from './timeline.ts'
export {
  encodeOpeningTimes,
  OPENING_STEPS,
  type OpeningTimes,
  parseOpeningTimes,
  parseTraceparent,
  TRACEPARENT_VARIABLE,
} from './trace.ts'
export {
  type BackendAnswer,
  type ErrorBody,
  isLock,
  isRecord,
  LOCK_PATTERN,
  MAX_LOCK_LENGTH,
  parseBackendAnswer,
  parseErrorBody,
  parseJson,
  parseRetryAfter,
  parseSession,
  parseState,
  RESERVED_ENV,
  refusalOf,
  type SpawnRequest,
  toBackendAnswer,
} from './wire.ts'
export {
  type ConnectAnswer,
  type ConnectRequest,
  type ConnectSpawn,
  isVerifiable,
  parseConnectAnswer,
  VERIFIABLE_PATTERN,
} from './wire-v2.ts'
