import { fileURLToPath } from 'node:url'
import { createMockPlatform } from '@session-backend/mock-platform'
import { jamsocket } from '../../src/jamsocket.ts'
import { describeContract } from './contract.ts'
import type { Engine } from './engine.ts'

const backend = fileURLToPath(new URL('../../../conformance/backend.mjs', import.meta.url))
const runs = { command: [process.execPath, backend] } as const

describeContract('the API, version 1', 'v1', () => start(1))
describeContract('the API, version 2', 'v2', () => start(2))

async function start(apiVersion: 1 | 2): Promise<Engine> {
  const mock = await createMockPlatform({
    services: {
      editor: { ...runs, tags: { green: runs } },
      static: { ...runs, staticToken: true },
    },
  })
  const platform = jamsocket.fromEnv(mock.env('editor'), { apiVersion })
  const withStaticToken = jamsocket.fromEnv(mock.env('static'), { apiVersion })
  return {
    platform,
    withStaticToken,
    tag: 'green',
    shortestIdle: 1,
    async close() {
      await Promise.all([platform.close(), withStaticToken.close()])
      await mock.close()
    },
  }
}
