import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { defineProtocol } from '@session-backend/core'
import * as v from 'valibot'
import type { WebSocket } from 'ws'
import type { Language } from '../../packages/backend/src/room/language.ts'
import { protocolLanguage } from '../../packages/backend/src/room/protocol-language.ts'
import { OpenRoom } from '../../packages/backend/src/room/room.ts'
import type { Disk } from './disk.ts'
import { after } from './virtual-time.ts'
import type { Wire } from './wire.ts'

export const protocol = defineProtocol({
  toBackend: { add: v.pipe(v.string(), v.notValue('invalid')), look: v.undefined() },
  toPage: { list: v.array(v.string()) },
  volatile: ['look'],
})

/** A bug of a room, to see that the model finds it. */
export type RoomBug = 'saved before it is written'

/** The process of a backend, with its real room. It can die at any time: then nothing of it has an effect any more. */
export class Backend {
  isAlive = true
  #room: ReturnType<Backend['makeRoom']> | undefined
  readonly #wires = new Set<Wire>()

  constructor(
    readonly token: number,
    private readonly disk: Disk,
    private readonly bug?: RoomBug | undefined,
  ) {}

  /** Claims and reads the document, as often as that takes. */
  async start(): Promise<void> {
    const storage = this.disk.storageOf(() => this.isAlive)
    while (this.isAlive) {
      try {
        const saved = await storage.read(this.token)
        this.#room = this.makeRoom(saved?.value ?? [], saved?.cursors)
        return
      } catch (error) {
        if (Reflect.get(Object(error), 'code') === 'outdated_fencing_token') return this.die()
        await after(50)
      }
    }
  }

  private makeRoom(list: string[], cursors: Parameters<typeof protocolLanguage>[0]['stored']) {
    const report = () => {}
    const language = protocolLanguage<
      string[],
      object,
      { add: string; look: undefined },
      { add: string; look: undefined },
      { list: string[] },
      { list: string[] }
    >({
      ...{ protocol, stored: cursors, report },
      messages: {
        add: (room, _person, item) => void room.state.push(item),
        look: (room, person) => void person.send('list', room.state),
      },
    })
    const assignment = {
      port: 0,
      id: 'b',
      key: 'doc',
      fencingToken: this.token,
      env: {},
      traceparent: undefined,
      warm: false,
      ready() {},
    }
    return new OpenRoom(
      {
        open: () => list,
        authorize: async ({ user }) => {
          await after(1)
          return { name: user }
        },
        connected: (room, person) => void person.send('list', room.state),
        autosave: { delay: 5, maxDelay: 20 },
      },
      {
        ...{ assignment, report },
        identity: undefined,
        storage: this.disk.storageOf(() => this.isAlive),
        state: list,
        toValue: (state) => state,
        language: this.bug ? withBug(language) : language,
        end: async () => this.stop(),
      },
    )
  }

  connect(wire: Wire, user: string): void {
    if (!this.isAlive || !this.#room) {
      wire.cut()
      return
    }
    this.#wires.add(wire)
    wire.open()
    const request = new IncomingMessage(new Socket())
    request.headers['x-verified-username'] = user
    void this.#room.enter(wire.room as unknown as WebSocket, request)
  }

  /** SIGKILL. */
  die(): void {
    this.isAlive = false
    for (const wire of this.#wires) wire.cut()
  }

  /** SIGTERM, or what the room does when it is outdated. */
  async stop(): Promise<void> {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), 100)
    await this.#room?.shutDown(deadline.signal).catch(() => {})
    clearTimeout(timer)
    this.die()
  }
}

/** Tells pages that all is saved when a save begins. */
function withBug<State, Data, Send, Broadcast>(
  language: Language<State, Data, Send, Broadcast>,
): Language<State, Data, Send, Broadcast> {
  return {
    ...language,
    snapshot() {
      const { stored, saved } = language.snapshot()
      saved()
      return { stored, saved: () => {} }
    },
  }
}
