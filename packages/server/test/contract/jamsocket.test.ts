import { fileURLToPath } from 'node:url'
import { describeContract } from './contract.ts'
import type { Engine } from './engine.ts'
import { startMockEngine } from './mock-engine.ts'

/** What a program of another package's folder runs. */
const program = (path: string) =>
  ({ command: [process.execPath, fileURLToPath(new URL(`../../../${path}`, import.meta.url))] }) as const

describeContract('the API, version 1', 'v1', () => start(1))
describeContract('the API, version 2', 'v2', () => start(2))

function start(apiVersion: 1 | 2): Promise<Engine> {
  const runs = program('conformance/backend.mjs')
  const waits = program('mock-platform/test/fixtures/warm.mjs')
  const services = {
    editor: { ...runs, tags: { green: runs } },
    static: { ...runs, staticToken: true },
    warm: { ...waits, warm: 1, tags: { green: waits } },
  }
  return startMockEngine(services, apiVersion)
}
