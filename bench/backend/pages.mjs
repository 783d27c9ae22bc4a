// @ts-check
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { servePages } from './talk.mjs'

servePages(async (url, language) => {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  await once(socket, 'open')
  return {
    say(id, text) {
      const content = { id, text }
      socket.send(JSON.stringify(language === 'protocol' ? [0, 'say', content] : content))
    },
    onHeard(listener) {
      socket.on('message', (/** @type {Buffer} */ data) => {
        const said = JSON.parse(data.toString())
        listener(language === 'protocol' ? said[2].id : said.id)
      })
    },
    close: () => socket.terminate(),
  }
})
