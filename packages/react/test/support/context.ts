import { vi } from 'vitest'
import type { ConnectContext } from '../../src/connection/connect.ts'
import { sessionOf } from './world.ts'

/** What a session gives to a connection, and what a test can do with it. */
export function createContext<H>(url = 'https://a.example.test/secret/', listeners: H[] = []) {
  const controller = new AbortController()
  const onLost = vi.fn<ConnectContext['onLost']>()
  const onProbe = vi.fn<ConnectContext['onProbe']>()
  const context: ConnectContext<H> = {
    url,
    documentId: 'doc',
    endpoint: '/api/sessions',
    closed: new AbortController().signal,
    session: { ...sessionOf('a', 'Ready'), url },
    signal: controller.signal,
    onUnsaved() {},
    onLost,
    onProbe,
    followStatus() {},
    listeners: () => listeners,
    previous: undefined,
  }
  return { context, controller, onLost, onProbe }
}
