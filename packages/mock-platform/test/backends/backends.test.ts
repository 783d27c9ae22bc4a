import { describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { openBackends } from '../support/backends.ts'

const never = new AbortController().signal

describe('a lock whose backend never came to run', () => {
  it('is free 10 s after it was granted', async () => {
    // The disk hangs: the fencing token is never durable, and nothing may run with it.
    const { backends, clock } = openBackends(() => {}, { save: () => new Promise(() => {}) })
    const { backend } = backends.spawn('doc', { lock: 'a' })
    await vi.waitFor(() => expect(backend.status).toBe('Starting'))
    clock.advance(9_999)
    expect(backends.holder('a')).toBe(backend)
    clock.advance(1)
    expect(backend.status).toBe('ErrorStarting')
    expect(backends.holder('a')).toBeUndefined()
  })

  it('is free at once if the failure is certain, and the log says why', async () => {
    const { backends } = openBackends(() => {}, {
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
  it('leaves no timer behind, not even that of a backend that would have been Ready in an hour', async () => {
    const clock = new FakeClock()
    const { backends } = openBackends(() => {}, {
      clock,
      nextFault: () => ({ kind: 'slow-start', ms: 3_600_000 }),
    })
    const { backend } = backends.spawn('doc', {})
    // That of the start, and that of the fault.
    await vi.waitFor(() => expect(clock.pending).toBe(2))
    await backends.close(60_000)
    expect(backend.status).toBe('Terminated')
    expect(clock.pending).toBe(0)
  })

  it('lets backends save, and takes nothing more', async () => {
    let saved = false
    const { backends } = openBackends((_server, { beforeEnd }) => {
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

  it('ends backends that fail to save', async () => {
    const { backends } = openBackends((_server, { beforeEnd }) =>
      beforeEnd(() => {
        throw new Error('The disk is full.')
      }),
    )
    const { backend } = backends.spawn('doc', {})
    await vi.waitFor(() => expect(backend.status).toBe('Ready'))
    await backends.close(60_000)
    expect(backend.status).toBe('Terminated')
  })

  it('kills backends that do not end within the limit', async () => {
    const { backends } = openBackends((_server, { beforeEnd }) => beforeEnd(() => new Promise(() => {})))
    const { backend } = backends.spawn('doc', {})
    await vi.waitFor(() => expect(backend.status).toBe('Ready'))
    await backends.close(20)
    expect(backend.status).toBe('Terminated')
  })
})

describe('waiting until a backend is Ready', () => {
  it('resolves to its address', async () => {
    const { backends } = openBackends(() => {})
    const { backend } = backends.spawn('doc', {})
    expect(await backend.whenReady(never)).toEqual({ host: '127.0.0.1', port: expect.any(Number) })
  })

  it('rejects when the client leaves', async () => {
    const { backends } = openBackends(() => new Promise(() => {}))
    const { backend } = backends.spawn('doc', {})
    const leaving = new AbortController()
    const waiting = backend.whenReady(leaving.signal)
    leaving.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
  })

  it('rejects when the backend ends instead, for any reason', async () => {
    const { backends } = openBackends((_server, { exit }) => exit(1))
    const { backend } = backends.spawn('doc', {})
    await expect(backend.whenReady(never)).rejects.toMatchObject({ code: 'gone' })
  })
})

describe('a backend that is terminated before its program is there', () => {
  it('never runs', async () => {
    const serve = vi.fn()
    const { backends } = openBackends(serve)
    const { backend } = backends.spawn('doc', { lock: 'a' })
    backend.send({ type: 'terminate' })
    await vi.waitFor(() => expect(backend.status).toBe('Terminated'))
    await new Promise(setImmediate)
    expect(serve).not.toHaveBeenCalled()
    expect(backends.holder('a')).toBeUndefined()
  })
})

describe('a backend that fails to start', () => {
  it.each([
    ['an error', new Error('No such document.'), 'No such document.'],
    ['another value that it throws', 'no document', 'no document'],
  ])('is ErrorStarting, and its log has %s', async (_, thrown, line) => {
    const { backends } = openBackends(() => {
      throw thrown
    })
    const { backend } = backends.spawn('doc', {})
    await vi.waitFor(() => expect(backend.status).toBe('ErrorStarting'))
    expect(backend.log.lines.values).toEqual([line])
  })

  it('has ended as it said, even if it throws after that', async () => {
    const { backends } = openBackends((_server, { exit }) => {
      exit(0)
      throw new Error('late')
    })
    const { backend } = backends.spawn('doc', {})
    await vi.waitFor(() => expect(backend.status).toBe('Exited'))
    expect(backend.log.lines.values).toEqual([])
  })
})

describe('what is remembered', () => {
  it('includes the backends of the previous platform, as Lost', () => {
    const previous = { fencingToken: Number.MAX_SAFE_INTEGER - 10, running: ['8nyg2'] }
    const { backends } = openBackends(() => {}, { previous })
    expect(backends.get('8nyg2')?.status).toBe('Lost')
    expect(backends.spawn('doc', {}).backend.options.fencingToken).toBe(previous.fencingToken + 1)
  })

  it('is limited to the last thousand ended backends', async () => {
    const { backends } = openBackends(() => {})
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
