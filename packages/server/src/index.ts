export { SessionBackendError } from '@session-backend/core'
export type {
  CallOptions,
  FetchRequest,
  Grant,
  Platform,
  SpawnOptions,
  SpawnRequest,
} from './common/platform.ts'
export type { PlatformAnswer } from './engine/http-client.ts'
export type { RouteParams } from './http/incoming.ts'
export type { Jamsocket, JamsocketOptions, JamsocketSpawn } from './jamsocket/client.ts'
export { jamsocket } from './jamsocket.ts'
export type { ErrorEvent, SessionBackendsOptions, SpawnEvent } from './options.ts'
export type { Logger } from './reports/logger.ts'
export type {
  Action,
  Authorize,
  AuthorizeContext,
  Decision,
  DocumentContext,
} from './request/authorize.ts'
export type { LockFunction } from './request/lock.ts'
export { type ConnectOptions, createSessionBackends, type SessionBackends } from './session-backends.ts'
export type { Limits } from './sessions/limits.ts'
