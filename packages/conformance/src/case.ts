import type { PlatformUnderTest } from './platform.ts'

/** One thing that a platform has to do. */
export interface ConformanceCase {
  /** The heading of the specification that it is under. */
  section: string
  /** What the specification says. */
  row: string
  /** What is tried. */
  title: string
  /** Why it cannot be tried, where an option is missing. */
  skip?: string
  /** Tries it, and terminates the backends that it spawned. Rejects when the platform does something else. */
  run(signal: AbortSignal): Promise<void>
}

/** The options without which some cases cannot run. */
export type Need =
  | 'otherService'
  | 'brokenService'
  | 'tag'
  | 'startTimeoutSeconds'
  | 'port'
  | 'lose'
  | 'WebSocket'

/** A case as the suite writes it down. */
export interface Row {
  row: string
  title: string
  needs?: Need
  run(platform: PlatformUnderTest): Promise<void>
}

/** The cases under one heading of the specification. */
export interface Section {
  heading: string
  rows: Row[]
}
