export type {
  BackendStatus,
  ErrorCode,
  ReachedStatus,
  Session,
  Timeline,
  TypicalStart,
} from '@session-backend/core'
export { SessionBackendError } from '@session-backend/core/internal'
export type { Connect, ConnectContext, LostReason } from './connection/connect.ts'
export type { Unsaved } from './connection/unsaved.ts'
export {
  type Message,
  type MessageListener,
  WebSocketConnection,
  type WebSocketOptions,
  webSocket,
} from './connection/web-socket.ts'
export type { UseSessionBackendOptions } from './hooks/options.ts'
export { SessionBackendProvider, type SessionBackendProviderProps } from './hooks/provider.tsx'
export { SessionBackendStatus, type SessionBackendStatusProps } from './hooks/session-backend-status.tsx'
export { usePreloadSessionBackend } from './hooks/use-preload-session-backend.ts'
export { useSessionBackend } from './hooks/use-session-backend.ts'
export {
  type UseSuspenseSessionBackendResult,
  useSuspenseSessionBackend,
} from './hooks/use-suspense-session-backend.ts'
export type { RouteOptions } from './route/request-session.ts'
export { type TraceHeaders, traceHeaders } from './route/trace-headers.ts'
export type { SessionOptions } from './session/options.ts'
export type {
  SessionActions,
  SessionFacts,
  SessionPhase,
  UseSessionBackendResult,
} from './session/result.ts'
export { platformStatus } from './status/platform-status.ts'
export { pollStatus } from './status/poll-status.ts'
export { relayStatus } from './status/relay-status.ts'
export type {
  StatusReading,
  StatusRequest,
  StatusSource,
  WatchStream,
  WatchStreamOptions,
} from './status/source.ts'
