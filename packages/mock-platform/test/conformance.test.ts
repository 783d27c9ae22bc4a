import { fileURLToPath } from 'node:url'
import {
  type ConformanceCase,
  type ConformanceOptions,
  platformConformance,
} from '@session-backend/core/conformance'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { WebSocket } from 'ws'
import { serve } from '../../core/conformance/backend.mjs'
import { checkEveryAnswer } from './support/contract.ts'

checkEveryAnswer()

const account = 'acme'
const token = 'sekret'
const startTimeoutSeconds = 2
const command = [
  process.execPath,
  fileURLToPath(new URL('../../core/conformance/backend.mjs', import.meta.url)),
] as const
const runtimes = {
  processes: { runs: { command }, broken: { command: ['/no/such/program'] as const } },
  functions: {
    runs: { serve },
    broken: {
      serve() {
        throw new Error('It cannot be started.')
      },
    },
  },
}

// They mostly wait for backends, which several can do at once.
describe.concurrent.each(Object.entries(runtimes))(
  'the mock platform, with backends that are %s',
  (_what, { runs, broken }) => {
    let platform: MockPlatform
    // The cases are named before the platform runs: where it runs is filled in by then.
    const options: ConformanceOptions = {
      baseUrl: '',
      account,
      token,
      service: 'editor',
      otherService: 'whiteboard',
      brokenService: 'broken',
      tag: 'v2',
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
    })
    afterAll(() => platform.close())

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
  },
)

function bySection(cases: ConformanceCase[]): Map<string, ConformanceCase[]> {
  const sections = new Map<string, ConformanceCase[]>()
  for (const each of cases) sections.set(each.section, [...(sections.get(each.section) ?? []), each])
  return sections
}
