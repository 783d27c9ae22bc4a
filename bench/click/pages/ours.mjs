// Unchecked by TypeScript: runs in the browser.
import { SessionBackendProvider, usePreloadSessionBackend, useSessionBackend } from '@session-backend/react'
import { createElement, useState } from 'react'
import { address, documentId, Message, mark, Page, preloads, show } from './page.mjs'

function Room() {
  const [text, setText] = useState()
  const { phase, name } = useSessionBackend(documentId, { onMessage: setText })
  mark(phase)
  document.body.dataset.backend = name
  return text === undefined ? null : createElement(Message, { text })
}

function App() {
  const preload = usePreloadSessionBackend()
  return createElement(Page, { Room, onHover: preloads ? () => preload(documentId) : undefined })
}

show(createElement(SessionBackendProvider, { endpoint: address }, createElement(App)))
