import type { Server } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Backends, type BackendsOptions } from '../src/backends.ts'
import { createClock } from '../src/clock.ts'
import { Guardian } from '../src/runtime/guardian.ts'
import type { ServeContext } from '../src/runtime/in-memory.ts'
import { Services } from '../src/services.ts'

type Serve = (server: Server, context: ServeContext) => void

function open(serve: Serve, options: Partial<BackendsOptions> = {}) {
  const clock = createClock({ frozen: true })
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

describe('a lock whose backend never came to run', () => {
  it('is free 10 s after it was granted', async () => {
    // The disk hangs: the fencing token is never durable, and nothing may run with it.
    const { backends, clock } = open(() => {}, { save: () => new Promise(() => {}) })
    const { backend } = backends.spawn('doc', { lock: 'a' })
    await vi.waitFor(() => expect(backend.status).toBe('Starting'))
    clock.advance(9_999)
    expect(backends.holder('a')).toBe(backend)
    clock.advance(1)
    expect(backend.status).toBe('ErrorStarting')
    expect(backends.holder('a')).toBeUndefined()
  })

  it('is free at once where that is certain, and the log says why', async () => {
    const { backends } = open(() => {}, {
      save: async () => {
        throw new Error('The disk is full.')
      },
    })
    const { backend } = backends.spawn('doc', { lock: 'a' })
    await vi.waitFor(() => expect(backend.status).toBe('ErrorStarting'))
    expect(backend.log.lines.values).toEqual(['The disk is full.'])
    expect(backends.holder('a')).toBeUndefined()
  })
})

describe('the end of all', () => {
  it('lets backends save, and takes nothing more', async () => {
    let saved = false
    const { backends } = open((_server, { beforeEnd }) => {
      beforeEnd(async () => {
        saved = true
      })
    })
    const { backend } = backends.spawn('doc', {})
    await vi.waitFor(() => expect(backend.status).toBe('Ready'))
    const closed = backends.close(60_000)
    expect(() => backends.spawn('doc', {})).toThrow(expect.objectContaining({ code: 'platform_busy' }))
    await closed
    expect([saved, backend.status]).toEqual([true, 'Terminated'])
  })

  it('is forced upon those that do not end by themselves within the limit', async () => {
    const { backends } = open((_server, { beforeEnd }) => beforeEnd(() => new Promise(() => {})))
    const { backend } = backends.spawn('doc', {})
    await vi.waitFor(() => expect(backend.status).toBe('Ready'))
    await backends.close(20)
    expect(backend.status).toBe('Terminated')
  })
})

describe('what is remembered', () => {
  it('is that the backends of the platform before were lost', () => {
    const previous = { fencingToken: Number.MAX_SAFE_INTEGER - 10, running: ['8nyg2'] }
    const { backends } = open(() => {}, { previous })
    expect(backends.get('8nyg2')?.status).toBe('Lost')
    expect(backends.spawn('doc', {}).backend.options.fencingToken).toBe(previous.fencingToken + 1)
  })

  it('is the last thousand that have ended, so that its memory is bounded', async () => {
    const { backends } = open(() => {})
    const names: string[] = []
    for (let i = 0; i < 1_010; i++) {
      const { backend } = backends.spawn('no such service', {})
      names.push(backend.name)
    }
    await vi.waitFor(() => expect(backends.live).toEqual([]))
    expect(backends.all).toHaveLength(1_000)
    expect(backends.get(names[9] ?? '')).toBeUndefined()
    expect(backends.get(names[10] ?? '')?.status).toBe('ErrorLoading')
  })
})
