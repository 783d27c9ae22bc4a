// @vitest-environment jsdom
import { setImmediate } from 'node:timers/promises'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createSessionClient } from '../src/client.ts'
import { createWorld, sessionOf, type World } from './support/world.ts'

let world: World

beforeEach(() => {
  world = createWorld()
  onTestFinished(() => {
    world.clock.advance(60_000)
    expect([world.open(), world.timers()]).toEqual([[], 0])
  })
})

function createClient() {
  const { endpoint, fetch, clock, connect } = world.options
  const client = createSessionClient({ endpoint, fetch, clock })
  return { ...client, open: (id: string) => client.open(id, { connect }) }
}

async function does(work: () => void) {
  work()
  await setImmediate()
  await setImmediate()
}

describe('createSessionClient', () => {
  it('opens a document, tells listeners of each change, and closes everything', async () => {
    const session = createClient().open('doc')
    const phases: string[] = []
    session.subscribe(() => phases.push(session.getSnapshot().phase))
    await does(() => world.posts()[0]?.reply(sessionOf('a')))
    await does(() => world.streams()[0]?.tell('Loading', 'Starting', 'Ready'))
    await does(() => world.sockets[0]?.open())
    expect(phases).toEqual(['waiting', 'waiting', 'connecting', 'connected'])
    session.close()
    world.clock.advance(200)
    expect(world.open()).toEqual([])
  })

  it('tells a listener nothing after it has left', async () => {
    const session = createClient().open('doc')
    let calls = 0
    const leave = session.subscribe(() => calls++)
    leave()
    await does(() => world.posts()[0]?.reply(sessionOf('a')))
    expect(calls).toBe(0)
    session.close()
  })

  it('shares one connection between all who open a document, and keeps it for the last of them', async () => {
    const client = createClient()
    const sessions = [client.open('doc'), client.open('doc')]
    await does(() => world.posts()[0]?.reply(sessionOf('a', 'Ready')))
    await does(() => world.sockets[0]?.open())
    expect(world.posts()).toHaveLength(1)
    expect(world.sockets).toHaveLength(1)
    sessions[0]?.close()
    world.clock.advance(1000)
    expect(sessions[1]?.getSnapshot().phase).toBe('connected')
    sessions[1]?.close()
  })

  it('refuses to open a document without an id', () => {
    expect(() => createClient().open('')).toThrow(expect.objectContaining({ code: 'bad_request' }))
  })
})

describe('preload', () => {
  it('starts the backend and does not connect to it', async () => {
    createClient().preload('doc')
    await does(() => world.posts()[0]?.reply(sessionOf('a')))
    await does(() => world.streams()[0]?.tell('Loading', 'Starting', 'Ready'))
    expect(world.sockets).toEqual([])
    expect(world.open()).toEqual([])
  })

  it('lets a session continue from there, which only connects', async () => {
    const client = createClient()
    client.preload('doc')
    await does(() => world.posts()[0]?.reply(sessionOf('a', 'Ready')))
    world.clock.advance(29_000)
    const session = client.open('doc')
    await does(() => {})
    await does(() => world.sockets[0]?.open())
    expect(session.getSnapshot()).toMatchObject({ phase: 'connected', name: 'a', overdue: false })
    expect(world.posts()).toHaveLength(1)
    session.close()
  })

  it('is used once: the session that continued from it closes like any other', async () => {
    const client = createClient()
    client.preload('doc')
    await does(() => world.posts()[0]?.reply(sessionOf('a', 'Ready')))
    const session = client.open('doc')
    await does(() => {})
    await does(() => world.sockets[0]?.open())
    session.close()
    world.clock.advance(200)
    expect(world.open()).toEqual([])
  })

  it('stops following a backend that nobody opens within 30 s, even if it is still starting', async () => {
    const client = createClient()
    client.preload('doc')
    await does(() => world.posts()[0]?.reply(sessionOf('a')))
    await does(() => world.streams()[0]?.tell('Loading'))
    expect(world.open()).toHaveLength(1)
    await does(() => world.clock.advance(30_000))
    expect([world.open(), world.timers()]).toEqual([[], 0])
    const session = client.open('doc')
    expect(session.getSnapshot()).toMatchObject({ phase: 'requesting', name: undefined })
    expect(world.posts()).toHaveLength(2)
    session.close()
  })

  it('sends one request, even if it is called again, and counts the 30 s from the last call', async () => {
    const client = createClient()
    client.preload('doc')
    await does(() => world.posts()[0]?.reply(sessionOf('a', 'Ready')))
    world.clock.advance(20_000)
    client.preload('doc')
    world.clock.advance(20_000)
    const session = client.open('doc')
    expect(world.posts()).toHaveLength(1)
    session.close()
  })

  it('forgets a refusal, so that the session asks again', async () => {
    const client = createClient()
    client.preload('doc')
    await does(() => world.posts()[0]?.refuse(403, 'forbidden'))
    expect(world.timers()).toBe(0)
    const session = client.open('doc')
    expect(session.getSnapshot().phase).toBe('requesting')
    expect(world.posts()).toHaveLength(2)
    session.close()
  })

  it('changes nothing if the document is already open', async () => {
    const client = createClient()
    const session = client.open('doc')
    client.preload('doc')
    await does(() => world.posts()[0]?.reply(sessionOf('a', 'Ready')))
    await does(() => world.sockets[0]?.open())
    session.close()
    world.clock.advance(200)
    expect(world.open()).toEqual([])
  })
})
