// @vitest-environment jsdom
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp, h, nextTick, ref } from 'vue'
import { createWorld, sessionOf, type World } from '../support/world.ts'
import { sessionBackend } from './svelte.ts'
import { useSessionBackend as sessionOfVue } from './vue.ts'

let world: World

beforeEach(() => {
  world = createWorld()
  vi.stubGlobal('fetch', world.options.fetch)
  vi.stubGlobal('WebSocket', world.WebSocket)
})
afterEach(() => vi.unstubAllGlobals())

async function connect() {
  world.posts().at(-1)?.reply(sessionOf('a', 'Ready'))
  await vi.waitFor(() => expect(world.sockets.at(-1)?.readyState).toBe(0))
  world.sockets.at(-1)?.open()
  await setImmediate()
}
const isClosed = () => vi.waitFor(() => expect(world.open()).toEqual([]))

describe('the adapters of docs/frameworks.md', () => {
  it('shows a session in a Vue component, follows its document, and closes with the component', async () => {
    const documentId = ref('one')
    const container = document.createElement('div')
    const app = createApp({
      setup() {
        const session = sessionOfVue(documentId)
        return () => h('p', session.value?.phase)
      },
    })
    app.mount(container)
    expect(container.textContent).toBe('requesting')
    await connect()
    await nextTick()
    expect(container.textContent).toBe('connected')
    documentId.value = 'two'
    await nextTick()
    expect(container.textContent).toBe('requesting')
    expect(world.posts().map(({ url }) => url)).toEqual(['/api/sessions/one', '/api/sessions/two'])
    app.unmount()
    await isClosed()
  })

  it('shows a session in a Svelte store, and closes with its last subscriber', async () => {
    const phases: (string | undefined)[] = []
    const leave = sessionBackend('doc').subscribe((session) => phases.push(session?.phase))
    await connect()
    expect(phases).toEqual(['requesting', 'connecting', 'connected'])
    leave()
    await isClosed()
  })

  it.each(['vue', 'svelte'])('is printed as it is tested: %s', (name) => {
    const code = readFileSync(join(import.meta.dirname, `${name}.ts`), 'utf8')
    const docs = readFileSync(join(import.meta.dirname, '../../../../docs/frameworks.md'), 'utf8')
    expect(docs).toContain(code)
  })
})
