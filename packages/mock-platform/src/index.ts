export { type ClockOptions, createClock, type PlatformClock } from './clock.ts'
export type { CommandOptions, MockPlatformOptions, ServeOptions, ServiceOptions } from './options.ts'
export { createMockPlatform, type MockPlatform } from './platform.ts'
export type { Serve, ServeContext } from './runtime/in-memory.ts'
