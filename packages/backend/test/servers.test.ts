import { once } from 'node:events'
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { io } from 'socket.io-client'
import { expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { openPage, signedIn } from './support/page.ts'
import { startFixture, temporaryFolder } from './support/program.ts'

const WAIT = { timeout: 10_000, interval: 10 }

/** Ends a program as the platform does, and expects it to end well. */
async function stop({ child, exited, lines }: Awaited<ReturnType<typeof startFixture>>) {
  child.kill('SIGTERM')
  expect(await exited).toEqual({ code: 0, signal: null })
  expect(lines.at(-1)).toBe('saved')
}

it('fits a server with `ws` alone', async () => {
  const backend = await startFixture('ws', {
    SESSION_BACKEND_KEY: 'plan',
    SESSION_BACKEND_FENCING_TOKEN: '7',
  })
  const page = await openPage(
    Number(await backend.printed(/listening on (\d+)/)),
    signedIn('ada', { role: 'editor' }),
  )
  await vi.waitFor(() => expect(page.texts).toHaveLength(1), WAIT)
  expect(JSON.parse(page.texts[0] ?? '')).toMatchObject({
    user: 'ada',
    auth: { role: 'editor' },
    key: 'plan',
    fencingToken: 7,
  })
  await stop(backend)
  expect(await page.closed).toMatchObject({ code: 1012 })
})

it('fits socket.io', async () => {
  const backend = await startFixture('socket-io')
  const port = await backend.printed(/listening on (\d+)/)
  const open = (extraHeaders: Record<string, string>) => {
    const client = io(`http://127.0.0.1:${port}`, {
      transports: ['websocket'],
      extraHeaders,
      reconnection: false,
    })
    onTestFinished(() => void client.close())
    return client
  }
  const told = await new Promise((resolve) => open(signedIn('ada', { role: 'editor' })).on('you', resolve))
  expect(told).toEqual({ user: 'ada', auth: { role: 'editor' } })
  const refused = await new Promise<Error>((resolve) => open({}).on('connect_error', resolve))
  expect(refused.message).toBe('Sign in first.')
  await stop(backend)
})

it('fits Hocuspocus, whose document is there again in the next backend', async () => {
  const folder = await temporaryFolder()
  const texts: string[] = []
  for (const token of ['1', '2']) {
    const backend = await startFixture('hocuspocus', {
      DOCUMENT: `${folder}/plan`,
      SESSION_BACKEND_FENCING_TOKEN: token,
    })
    const port = await backend.printed(/listening on (\d+)/)
    class SignedInSocket extends WebSocket {
      constructor(url: string) {
        super(url, { headers: signedIn('ada') })
        this.on('error', () => {})
      }
    }
    const websocketProvider = new HocuspocusProviderWebsocket({
      url: `ws://127.0.0.1:${port}`,
      WebSocketPolyfill: SignedInSocket,
    })
    const document = new Y.Doc()
    const provider = new HocuspocusProvider({ websocketProvider, name: 'plan', document, token: 'none' })
    provider.attach()
    await vi.waitFor(() => expect(provider.synced).toBe(true), WAIT)
    texts.push(document.getText('content').toString())
    document.getText('content').insert(0, `Hello ${token}. `)
    await vi.waitFor(() => expect(provider.unsyncedChanges).toBe(0), WAIT)
    provider.destroy()
    websocketProvider.destroy()
    await stop(backend)
  }
  expect(texts).toEqual(['', 'Hello 1. '])
}, 60_000)

it('fits Fastify', async () => {
  const backend = await startFixture('fastify')
  const port = await backend.printed(/listening on (\d+)/)
  const response = await fetch(`http://127.0.0.1:${port}/me`, { headers: signedIn('ada') })
  expect(await response.json()).toEqual({ user: 'ada', auth: {} })
  await stop(backend)
})

it('ends at once with `ws` when nobody is connected', async () => {
  const backend = await startFixture('ws')
  await backend.printed(/listening/)
  backend.child.kill('SIGINT')
  const [code] = await once(backend.child, 'exit')
  expect(code).toBe(0)
})
