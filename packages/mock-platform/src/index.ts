export { type ClockOptions, createClock, type PlatformClock } from './clock.ts'
export { defineConfig } from './config.ts'
export { type EndOnSignalOptions, endOnSignal } from './end-on-signal.ts'
export type { Endpoint } from './faults/endpoints.ts'
export type { ActiveFault, AnswerFault, BackendFault, Fault, Faults } from './faults/faults.ts'
export type {
  CommandOptions,
  ImageOptions,
  MockPlatformOptions,
  ProgramOptions,
  ServeOptions,
  ServiceOptions,
  StatusReport,
} from './options.ts'
export { createMockPlatform, type MockPlatform, type PlatformEnv } from './platform.ts'
export type { Serve, ServeContext } from './runtime/in-memory.ts'
