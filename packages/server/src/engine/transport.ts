import { type Dispatcher, Pool } from 'undici'
import { createFetchTransport } from './fetch-transport.ts'
import type { Transport } from './http-call.ts'
import { createUndiciTransport } from './undici-transport.ts'

/**
 * Uses undici, whose connections and deadlines we control. Bun's built-in undici has no `dispatch`: there,
 * `fetch` is used.
 */
export function createTransport(origin: string, timeout: number, dispatcher?: Dispatcher): Transport {
  const hasUndici = dispatcher !== undefined || typeof Pool.prototype.dispatch === 'function'
  return hasUndici
    ? createUndiciTransport(origin, timeout, dispatcher)
    : createFetchTransport(origin, timeout)
}
