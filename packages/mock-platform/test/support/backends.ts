import type { Server } from 'node:http'
import { onTestFinished } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { Backends, type BackendsOptions } from '../../src/backends/backends.ts'
import type { ServeContext } from '../../src/options/options.ts'
import { Guardian } from '../../src/runtime/guardian.ts'
import { Services } from '../../src/services/services.ts'

type Serve = (server: Server, context: ServeContext) => void

/** Backends of one service, `doc`, on a clock that stands still. They end when the test is over. */
export function openBackends(serve: Serve, options: Partial<BackendsOptions> = {}) {
  const clock = new FakeClock()
  const backends = new Backends({
    services: new Services({ doc: { serve } }, { guardian: new Guardian() }),
    clock,
    gracePeriod: 300_000,
    startTimeout: 30_000,
    previous: { fencingToken: 0, running: [] },
    onStatus: () => {},
    nextFault: () => undefined,
    save: async () => {},
    ...options,
  })
  onTestFinished(() => backends.close(0))
  return { backends, clock }
}
