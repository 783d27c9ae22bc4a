// @ts-check
// node crowd-clients.mjs ENDPOINT COUNT: that many clients, each as a new page would be. What to do comes as messages:
// 'bare' makes each client's requests once without our packages, 'open' opens a document with them. Sends its parent how many
// are done or connected, after each change, and when each POST was due.
import { once } from 'node:events'
import { createSessionClient, webSocket } from '@session-backend/react/client'
import { WebSocket } from 'ws'

const [endpoint = '', count] = process.argv.slice(2)
const connect = webSocket({ WebSocket })
const now = () => performance.timeOrigin + performance.now()
/** How many bare clients there are at a time: more would wait for one another. */
const AT_A_TIME = 20
let done = 0

/** @param {number} change */
function tell(change) {
  done += change
  process.send?.({ done })
}

/** Makes what each client needs to come back, a session, a status and a socket, for a few clients at a time. */
async function requestBare() {
  let left = Number(count)
  const work = async () => {
    while (left-- > 0) {
      const session = await (await fetch(`${endpoint}/doc`, { method: 'POST' })).json()
      await (await fetch(session.statusUrl)).json()
      const socket = new WebSocket(session.url.replace(/^http/, 'ws'))
      await once(socket, 'open')
      socket.terminate()
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  tell(Number(count))
}

/**
 * The clock of a machine that has nothing else to do: on this one, timers that were due one after the other may fire
 * together, late.
 */
function createClock() {
  let due = now()
  return {
    now: () => Date.now(),
    /**
     * @param {number} ms
     * @param {() => void} callback
     */
    after(ms, callback) {
      const at = now() + ms
      const timer = setTimeout(() => {
        due = at
        callback()
      }, ms)
      return () => clearTimeout(timer)
    },
    /** When what happens now was due. */
    due: () => due,
  }
}

function open() {
  const clock = createClock()
  const client = createSessionClient({
    endpoint,
    clock,
    fetch(input, init) {
      if (init?.method === 'POST') process.send?.({ due: clock.due() })
      return fetch(input, init)
    },
  })
  const session = client.open('doc', { connect })
  let was = false
  session.subscribe(() => {
    const is = session.getSnapshot().phase === 'connected'
    if (is === was) return
    was = is
    tell(is ? 1 : -1)
  })
}

process.on('message', (what) => {
  done = 0
  if (what === 'bare') void requestBare()
  else for (let number = 0; number < Number(count); number++) open()
})
