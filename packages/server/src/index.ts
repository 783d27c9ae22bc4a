export { SessionBackendError } from '@session-backend/core'
export type { Action, DocumentContext, RouteParams } from './common/document.ts'
export type {
  CallOptions,
  FetchCall,
  Grant,
  Platform,
  RunningBackend,
  SpawnCall,
  SpawnOptions,
  TraceHeaders,
} from './common/platform.ts'
export type { Control, ControlOptions, ControlResult } from './control/control.ts'
export type { PlatformAnswer } from './engine/http-client.ts'
export type { Jamsocket, JamsocketOptions, JamsocketSpawn } from './jamsocket/client.ts'
export { jamsocket } from './jamsocket.ts'
export type { SessionBackendsOptions } from './options.ts'
export type { ErrorEvent, SpawnEvent } from './reports/events.ts'
export type { Logger } from './reports/logger.ts'
export type { Authorize, AuthorizeContext, Decision } from './request/authorize.ts'
export type { LockFunction } from './request/lock.ts'
export type { RollOutOptions, RollOutReport } from './rollout/roll-out.ts'
export { type ConnectOptions, createSessionBackends, type SessionBackends } from './session-backends.ts'
export type { Limits } from './sessions/limits.ts'
