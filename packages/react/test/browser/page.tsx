import {
  platformStatus,
  relayStatus,
  SessionBackendProvider,
  type UseSessionBackendResult,
  usePreloadSessionBackend,
  useSessionBackend,
  type WebSocketConnection,
  webSocket,
} from '@session-backend/react'
import { useState } from 'react'
import { createRoot } from 'react-dom/client'

/** What the tests see of the page. */
interface TestPage {
  sessions: Record<string, UseSessionBackendResult<WebSocketConnection>>
  received: Record<string, string[]>
  /** How long it took from the click on a document's button until it was connected, in ms. */
  clicked: number[]
}

declare global {
  interface Window {
    page: TestPage
  }
}

const params = new URLSearchParams(location.search)
const documents = (params.get('documents') ?? 'doc').split(',')
const page: TestPage = {
  sessions: {},
  received: Object.fromEntries(documents.map((id) => [id, []])),
  clicked: [],
}
window.page = page

/** Sockets go through the relay whose port `through` names, if there is one. */
class RelayedSocket extends WebSocket {
  constructor(url: string, protocols?: string | string[]) {
    const relayed = new URL(url)
    relayed.port = params.get('through') ?? relayed.port
    super(relayed, protocols)
  }
}

const connect = webSocket({
  WebSocket: RelayedSocket,
  ...(params.has('ping') && { ping: { message: 'ping', interval: 5000, timeout: 4000 } }),
})

function Document({ id }: { id: string | undefined }) {
  const session = useSessionBackend(id, {
    connect,
    onMessage: (message) => id && page.received[id]?.push(String(message)),
  })
  if (id) page.sessions[id] = session
  return (
    <li data-phase={session.phase} data-name={session.name} data-overdue={session.overdue}>
      {id} {session.error?.code}
    </li>
  )
}

/** A document whose id isn't known at first, as in a router's first render. */
function LaterDocument({ id }: { id: string }) {
  const [isKnown, setKnown] = useState(false)
  return (
    <>
      <Document id={isKnown ? id : undefined} />
      <button type="button" onClick={() => setKnown(true)}>
        Now
      </button>
    </>
  )
}

/** A button that opens a document; with `preload`, its backend is started as soon as the pointer is on the button. */
function Opener({ id }: { id: string }) {
  const preload = usePreloadSessionBackend()
  const [clickedAt, setClickedAt] = useState(0)
  if (clickedAt > 0) return <Opened id={id} clickedAt={clickedAt} />
  return (
    <button
      type="button"
      onMouseEnter={() => params.has('preload') && preload(id)}
      onClick={() => setClickedAt(performance.now())}
    >
      {id}
    </button>
  )
}

function Opened({ id, clickedAt }: { id: string; clickedAt: number }) {
  const { phase } = useSessionBackend(id, { connect })
  if (phase === 'connected') page.clicked.push(performance.now() - clickedAt)
  return <p data-phase={phase}>{id}</p>
}

const Shown = params.has('click') ? Opener : params.has('later') ? LaterDocument : Document

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <SessionBackendProvider
      endpoint="/api/sessions"
      statusSource={params.has('relay') ? relayStatus : platformStatus}
    >
      <ul>
        {documents.map((id) => (
          <Shown key={id} id={id} />
        ))}
      </ul>
      <a href="/elsewhere">Go elsewhere</a>
    </SessionBackendProvider>,
  )
}
