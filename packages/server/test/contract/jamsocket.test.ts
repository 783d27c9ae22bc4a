import { fileURLToPath } from 'node:url'
import { describeContract } from './contract.ts'
import type { Engine } from './engine.ts'
import { startMockEngine } from './mock-engine.ts'

const backend = fileURLToPath(new URL('../../../conformance/backend.mjs', import.meta.url))
const runs = { command: [process.execPath, backend] } as const

describeContract('the API, version 1', 'v1', () => start(1))
describeContract('the API, version 2', 'v2', () => start(2))

function start(apiVersion: 1 | 2): Promise<Engine> {
  const services = { editor: { ...runs, tags: { green: runs } }, static: { ...runs, staticToken: true } }
  return startMockEngine(services, apiVersion)
}
