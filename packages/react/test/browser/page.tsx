import {
  platformStatus,
  relayStatus,
  SessionBackendProvider,
  type UseSessionBackendResult,
  useSessionBackend,
  type WebSocketConnection,
} from '@session-backend/react'
import { createRoot } from 'react-dom/client'

/** What the tests see of the page. */
interface TestPage {
  sessions: Record<string, UseSessionBackendResult<WebSocketConnection>>
  received: Record<string, string[]>
}

declare global {
  interface Window {
    page: TestPage
  }
}

const params = new URLSearchParams(location.search)
const documents = (params.get('documents') ?? 'doc').split(',')
const page: TestPage = { sessions: {}, received: Object.fromEntries(documents.map((id) => [id, []])) }
window.page = page

function Document({ id }: { id: string }) {
  const session = useSessionBackend(id, {
    onMessage: (message) => page.received[id]?.push(String(message)),
  })
  page.sessions[id] = session
  return (
    <li data-phase={session.phase} data-overdue={session.overdue}>
      {id} {session.error?.code}
    </li>
  )
}

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <SessionBackendProvider
      endpoint="/api/sessions"
      statusSource={params.has('relay') ? relayStatus : platformStatus}
    >
      <ul>
        {documents.map((id) => (
          <Document key={id} id={id} />
        ))}
      </ul>
      <a href="/elsewhere">Go elsewhere</a>
    </SessionBackendProvider>,
  )
}
