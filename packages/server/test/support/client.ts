import { onTestFinished } from 'vitest'
import { type Jamsocket, type JamsocketOptions, jamsocket } from '../../src/index.ts'
import type { Upstream } from './upstream.ts'

/** A client of the upstream's, closed when the test has finished. */
export function clientOf(upstream: Upstream, options: Partial<JamsocketOptions> = {}): Jamsocket {
  const client = jamsocket({
    account: 'acme',
    service: 'editor',
    token: 'sekret',
    apiUrl: upstream.url,
    ...options,
  })
  onTestFinished(() => client.close())
  return client
}
