export {
  type BackendStatus,
  type ErrorCode,
  type Phase,
  type Session,
  SessionBackendError,
  type Timeline,
} from '@session-backend/core'
export {
  type Message,
  type MessageListener,
  WebSocketConnection,
  type WebSocketOptions,
  webSocket,
} from './connection.ts'
export { SessionBackendProvider, type SessionBackendProviderProps } from './provider.tsx'
export type {
  Connect,
  ConnectContext,
  LostReason,
  RouteOptions,
  SessionActions,
  SessionBackend,
  SessionFacts,
  SessionPhase,
} from './session.ts'
export { SessionBackendStatus, type SessionBackendStatusProps } from './session-backend-status.tsx'
export { platformStatus } from './status/platform-status.ts'
export { pollStatus } from './status/poll-status.ts'
export { relayStatus } from './status/relay-status.ts'
export type { StatusRequest, StatusSource, StatusStep } from './status/source.ts'
export { type SessionBackendOptions, useSessionBackend } from './use-session-backend.ts'
export { useSessionBackendStatus } from './use-session-backend-status.ts'
export { type ConnectedSessionBackend, useSuspenseSessionBackend } from './use-suspense-session-backend.ts'
