export type { Edits, OpenEdits } from './check/lab/editing.ts'
export { type ClockOptions, createClock, type PlatformClock } from './clock.ts'
export { type EndOnSignalOptions, endOnSignal } from './end-on-signal.ts'
export type { Endpoint } from './faults/endpoints.ts'
export type { ActiveFault, AnswerFault, BackendFault, Fault, Faults } from './faults/faults.ts'
export { defineConfig } from './options/config.ts'
export type {
  BackendExit,
  CommandOptions,
  ImageOptions,
  LogLine,
  MockPlatformOptions,
  ProgramOptions,
  Serve,
  ServeContext,
  ServeOptions,
  ServiceOptions,
  StatusReport,
} from './options/options.ts'
export { createMockPlatform, type MockPlatform, type PlatformEnv } from './platform.ts'
