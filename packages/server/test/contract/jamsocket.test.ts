import { fileURLToPath } from 'node:url'
import { createMockPlatform } from '@session-backend/mock-platform'
import { jamsocket } from '../../src/jamsocket.ts'
import { describeContract } from './contract.ts'
import type { Engine } from './engine.ts'

const backend = fileURLToPath(new URL('../../../conformance/backend.mjs', import.meta.url))

describeContract('the API, version 1', () => start(1))
describeContract('the API, version 2', () => start(2))

async function start(apiVersion: 1 | 2): Promise<Engine> {
  const mock = await createMockPlatform({
    services: { editor: { command: [process.execPath, backend] } },
  })
  const platform = jamsocket.fromEnv(mock.env('editor'), { apiVersion })
  return {
    platform,
    vouches: apiVersion === 2,
    hasLogs: true,
    shortestIdle: 1,
    async close() {
      await platform.close()
      await mock.close()
    },
  }
}
