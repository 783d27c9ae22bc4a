import { join } from 'node:path'
import { encodePageFrame, parseRoomFrame } from '@session-backend/core/internal'
import * as v from 'valibot'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { fencedFile } from '../src/index.ts'
import { signedIn } from './support/page.ts'
import { bundle, startProcess, temporaryFolder } from './support/program.ts'

/** By hand: 300. */
const KILLS = Number(process.env.KILLS ?? 12)
const PAGE = 'a-page-that-comes-back'

/** A page that keeps what isn't saved, and sends it again, as PROTOCOL.md says. */
function createPage() {
  let since = 0
  let next = 1
  let safe = 0
  const kept = new Map<number, string>()
  let socket: WebSocket | undefined
  let heard = () => {}
  onTestFinished(() => socket?.terminate())
  const send = (number: number, item: string) =>
    socket?.send(encodePageFrame({ type: 'message', number, name: 'add', content: item }))
  return {
    get safe() {
      return safe
    },
    get sent() {
      return next - 1
    },
    /** Resolves once the backend has said so many things more. */
    async hears(frames: number): Promise<void> {
      for (let left = frames; left > 0; left--)
        await new Promise<void>((resolve) => {
          heard = resolve
        })
    },
    connect(port: number) {
      socket?.terminate()
      const mine = new WebSocket(`ws://127.0.0.1:${port}`, { headers: signedIn('ada') })
      socket = mine
      mine.on('error', () => {})
      mine.on('open', () =>
        mine.send(encodePageFrame({ type: 'hello', page: PAGE, since, last: next - 1, left: 0 })),
      )
      mine.on('message', (data) => {
        const frame = parseRoomFrame(String(data))
        if (frame?.type === 'welcome') {
          since = frame.since
          for (const [number, item] of kept) if (number > frame.received) send(number, item)
          setTimeout(say, 1)
        }
        const saved = frame?.type === 'saved' ? frame.number : frame?.type === 'welcome' ? frame.saved : 0
        safe = Math.max(safe, saved)
        for (const number of kept.keys()) if (number <= safe) kept.delete(number)
        heard()
      })
      function say() {
        if (socket !== mine || mine.readyState !== WebSocket.OPEN) return
        const number = next
        next += 1
        kept.set(number, `item-${number}`)
        send(number, `item-${number}`)
        setTimeout(say, 2)
      }
    },
  }
}

it('applies each message once, and loses none that it said is saved, however often the process is killed', async () => {
  const program = await bundle(join(import.meta.dirname, 'fixtures/counter.ts'), await temporaryFolder())
  const FILE = join(await temporaryFolder(), 'list')
  const page = createPage()
  let codes = 0
  for (let token = 1; token <= KILLS; token++) {
    const env = { FILE, PORT: '0', SESSION_BACKEND_FENCING_TOKEN: String(token) }
    const backend = startProcess([process.execPath, program], env)
    // Some are killed while they open, some while they save, some while they stop.
    if (token % 4 > 0) {
      page.connect(Number(await backend.printed(/listening on (\d+)/)))
      await page.hears(Math.random() * 40)
    } else await new Promise((resolve) => setTimeout(resolve, Math.random() * 150))
    if (token % 4 === 3) {
      backend.child.kill('SIGTERM')
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10))
    }
    backend.child.kill('SIGKILL')
    const { code } = await backend.exited
    if (code !== null) codes += code
  }
  const schema = v.object({ list: v.array(v.string()) })
  const saved = await fencedFile(FILE, { schema }).read(KILLS + 1)
  const list = saved?.value.list ?? []
  expect(list).toEqual(list.map((_, index) => `item-${index + 1}`))
  expect(list.length).toBeGreaterThanOrEqual(page.safe)
  expect(page.safe).toBeGreaterThan(KILLS)
  expect(codes).toBe(0)
  if (process.env.KILLS)
    console.log(`${KILLS} kills, ${page.sent} messages, ${page.safe} saved, ${list.length} in the list`)
}, 600_000)
