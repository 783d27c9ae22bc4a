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
export { type SessionBackendOptions, useSessionBackend } from './use-session-backend.ts'
