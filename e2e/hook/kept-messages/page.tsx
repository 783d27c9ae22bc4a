import { SessionBackendProvider, SessionBackendStatus, useSessionBackend } from '@session-backend/react'
import { clearUnsaved, messages } from '@session-backend/react/messages'
import { useState } from 'react'
import { createRoot } from 'react-dom/client'
import { protocol } from './protocol.ts'

declare global {
  interface Window {
    signOut(): Promise<void>
  }
}
window.signOut = clearUnsaved

const connect = messages(protocol, { persist: true })

function List() {
  const [items, setItems] = useState<string[]>([])
  const session = useSessionBackend('list', {
    connect,
    onMessage: { list: setItems, added: (item) => setItems((all) => [...all, item]) },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        session.connection?.send('add', String(new FormData(event.currentTarget).get('item')))
        event.currentTarget.reset()
      }}
    >
      <SessionBackendStatus session={session} />
      <input name="item" aria-label="New item" autoComplete="off" />
      <ol>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ol>
    </form>
  )
}

createRoot(document.body.appendChild(document.createElement('main'))).render(
  <SessionBackendProvider endpoint="/api/sessions">
    <List />
  </SessionBackendProvider>,
)
