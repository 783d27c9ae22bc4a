import type { BackendFault } from '../faults/faults.ts'
import type { Observer } from '../runtime/runtime.ts'
import type { Backend, Start } from './backend.ts'

/** A start that goes wrong as it was asked to. */
export function faultyStart(start: Start, fault: BackendFault, backend: Backend): Start {
  switch (fault.kind) {
    case 'stuck-loading':
      return { ...start, load: forever }
    case 'slow-start':
      return {
        ...start,
        async load(signal) {
          const run = await start.load(signal)
          return (observer) => run(slowDown(observer, fault.ms, backend))
        },
      }
    case 'lost':
      backend.steps.follow(() => {
        if (backend.status === 'Ready') backend.send({ type: 'lost' })
      })
      return start
  }
}

function slowDown(observer: Observer, ms: number, { ended, options }: Backend): Observer {
  return {
    ...observer,
    listening(address) {
      const cancel = options.clock.after(ms, () => observer.listening(address))
      ended.addEventListener('abort', cancel)
    },
  }
}

function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
