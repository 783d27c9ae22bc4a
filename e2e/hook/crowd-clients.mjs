// @ts-check
// node crowd-clients.mjs ENDPOINT COUNT: that many clients open one document, each as a new page would. Sends its parent
// how many are connected, after each change.
import { createSessionClient, webSocket } from '@session-backend/react/client'
import { WebSocket } from 'ws'

const [endpoint = '', count] = process.argv.slice(2)
const connect = webSocket({ WebSocket })
let connected = 0

for (let number = 0; number < Number(count); number++) {
  const session = createSessionClient({ endpoint }).open('doc', { connect })
  let was = false
  session.subscribe(() => {
    const is = session.getSnapshot().phase === 'connected'
    if (is === was) return
    was = is
    connected += is ? 1 : -1
    process.send?.(connected)
  })
}
