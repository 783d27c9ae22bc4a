import {
  type ConformanceCase,
  type ConformanceOptions,
  platformConformance,
} from '@session-backend/conformance'
import { createMockPlatform, type MockPlatform, type ProgramOptions } from '@session-backend/mock-platform'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { WebSocket } from 'ws'
import { checkAnswersOf } from './contract.ts'

const account = 'acme'
const token = 'sekret'
/** How long a backend may take to listen, in seconds; one case waits for that. */
const startTimeoutSeconds = 2

/** What a platform is given for the conformance suite. */
export interface Programs {
  /** What runs the suite's own backend. */
  runs: ProgramOptions
  /** Something that cannot be started. */
  broken: ProgramOptions
  /** The port that every backend gets, where it is always the same. */
  port?: number
}

/** Adds the cases of the conformance suite. */
export function platformConforms({ runs, broken, port }: Programs): void {
  let platform: MockPlatform
  let stopChecking: () => void
  // The cases are named before the platform runs: where it runs is filled in by then.
  const options: ConformanceOptions = {
    baseUrl: '',
    account,
    token,
    service: 'editor',
    otherService: 'whiteboard',
    brokenService: 'broken',
    tag: 'v2',
    port,
    startTimeoutSeconds,
    lose: (name: string) => platform.faults.lose(name),
    WebSocket,
  }
  beforeAll(async () => {
    platform = await createMockPlatform({
      account,
      token,
      startTimeoutSeconds,
      services: {
        editor: { ...runs, tags: { v2: { ...runs, env: { CONFORMANCE_TAG: 'v2' } } } },
        whiteboard: runs,
        broken,
      },
    })
    options.baseUrl = platform.url
    stopChecking = checkAnswersOf(platform)
  })
  afterAll(async () => {
    await platform.close()
    stopChecking()
  })

  for (const [section, cases] of bySection(platformConformance(options))) {
    describe(section, () => {
      for (const { row, title, skip, run } of cases) {
        it(`${title} (${row})`, (context) => {
          context.skip(skip !== undefined, skip)
          return run(context.signal)
        })
      }
    })
  }
}

function bySection(cases: ConformanceCase[]): Map<string, ConformanceCase[]> {
  const sections = new Map<string, ConformanceCase[]>()
  for (const each of cases) sections.set(each.section, [...(sections.get(each.section) ?? []), each])
  return sections
}
