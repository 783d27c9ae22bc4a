import { defineProtocol } from '@session-backend/core'
import * as v from 'valibot'
import { onTestFinished } from 'vitest'
import type { Identity } from '../../src/control/identity.ts'
import type { PersonOf, RoomOf, RoomOptions } from '../../src/index.ts'
import { createRunBackend } from '../../src/run-backend.ts'
import type { StopWork } from '../../src/stop.ts'

const Stroke = v.object({ id: v.string(), x: v.number() })
type Stroke = v.InferOutput<typeof Stroke>

/** A board, as the examples of the documentation have it. */
const protocol = defineProtocol({
  toBackend: { draw: Stroke, cursor: v.number(), fail: v.undefined(), later: v.undefined() },
  toPage: { board: v.array(Stroke), drawn: Stroke, cursor: v.number(), left: v.string() },
  volatile: ['cursor'],
})

export interface Board {
  strokes: Stroke[]
}

interface Who {
  name: string
}

type BoardRoom = RoomOf<typeof protocol, Board, Who>
type BoardPerson = PersonOf<typeof protocol, Who>
type Options = Partial<RoomOptions<Board, Board, Who, BoardPerson['send'], BoardRoom['broadcast']>>

/** What a page says to draw a stroke. */
export const stroke = (x: number): Stroke => ({ id: `stroke-${x}`, x })

/** What stands for the process of a backend in a test: it is stopped when the test is over. */
export function testProcess(fencingToken = 1, identity?: Identity) {
  const works: StopWork[] = []
  const ends: number[] = []
  const close = async (signal: AbortSignal) => {
    for (const work of works.splice(0)) await work(signal)
  }
  const runBackend = createRunBackend({
    assignment: async () => ({
      port: 0,
      id: 'test',
      key: 'doc',
      fencingToken,
      env: {},
      traceparent: undefined,
      warm: false,
      ready: () => {},
    }),
    identity: () => identity,
    onStop: (work) => works.push(work),
    async end(code) {
      ends.push(code)
      await close(AbortSignal.timeout(1_000)).catch(() => {})
    },
  })
  onTestFinished(() => close(AbortSignal.timeout(1_000)).catch(() => {}))
  return { runBackend, close, ends }
}

/** A room on its own port, in this process. */
export async function openBoard({
  fencingToken,
  identity,
  ...options
}: Options & { fencingToken?: number; identity?: Identity } = {}) {
  const { runBackend, close, ends } = testProcess(fencingToken, identity)
  const problems: string[] = []
  const room = await runBackend({
    protocol,
    open: (saved: Board | undefined): Board => saved ?? { strokes: [] },
    authorize: ({ user }) => user !== undefined && { name: user },
    connected: (opened, person) => person.send('board', opened.state.strokes),
    disconnected: (opened, person) => opened.broadcast('left', person.data.name),
    autosave: { delay: 5, maxDelay: 50 },
    onError: (error, doing) =>
      problems.push(`${doing}: ${error instanceof Error ? error.message : String(error)}`),
    messages: {
      draw(opened, person, each) {
        opened.state.strokes.push(each)
        opened.changed()
        opened.broadcast('drawn', each, { except: person })
      },
      cursor: (opened, person, x) => opened.broadcast('cursor', x, { except: person }),
      fail: () => {
        throw new Error('The app has a bug.')
      },
      later: async () => {},
    },
    ...options,
  })
  return { room, close, problems, ends, port: room.port }
}
