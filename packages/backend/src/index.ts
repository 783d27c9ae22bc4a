export {
  defineProtocol,
  type MessageSchemas,
  type Protocol,
  SessionBackendError,
} from '@session-backend/core'
export {
  type BackendAssignment,
  type BackendAssignmentOptions,
  backendAssignment,
  type Environment,
} from './assignment/assignment.ts'
export { type RequestLike, type VerifiedUser, verifiedUser } from './assignment/verified-user.ts'
export type { AutosaveTimes } from './room/autosave.ts'
export type { Frame } from './room/connection.ts'
export type { FromApp } from './room/from-app.ts'
export type { Authorized, Person, Room, RoomOptions, Visitor } from './room/options.ts'
export type { Broadcast, Handlers, PersonOf, RoomOf, Send } from './room/protocol-types.ts'
export type { Rate } from './room/rate-limit.ts'
export type { RawBroadcast, RawReceive, RawSend, RawSendOptions } from './room/raw-language.ts'
export type { RoomStats } from './room/stats.ts'
export { type ProtocolOptions, type RawOptions, runBackend } from './run-backend.ts'
export { onStop, type StopWork } from './stop.ts'
export type { Cursors, DocumentStorage, Saved, StorageCall } from './storage/document-storage.ts'
export { type FencedFileOptions, fencedFile } from './storage/fenced-file.ts'
export { bytes } from './storage/saved-file.ts'
