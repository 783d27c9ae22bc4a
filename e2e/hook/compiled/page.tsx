import {
  SessionBackendProvider,
  SessionBackendStatus,
  type UseSessionBackendResult,
  usePreloadSessionBackend,
  useSessionBackend,
  useSuspenseSessionBackend,
  type WebSocketConnection,
} from '@session-backend/react'
import { Suspense, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'

/** What the tests see of the page. */
interface CompiledPage {
  /** What each commit of the chat showed. */
  commits: [session: UseSessionBackendResult<WebSocketConnection>, heard: number, id: string][]
  /** Each message, with how many came before it. */
  heard: string[]
}

declare global {
  interface Window {
    compiled: CompiledPage
  }
}

const compiled: CompiledPage = { commits: [], heard: [] }
window.compiled = compiled

/** All that it shows and does depends on how many messages there were: a stale closure would repeat a number. */
function Chat({ id }: { id: string }) {
  const [count, setCount] = useState(0)
  const session = useSessionBackend(id, {
    onMessage(message) {
      compiled.heard.push(`${message} after ${count}`)
      setCount(count + 1)
    },
  })
  useEffect(() => {
    compiled.commits.push([session, count, id])
  })
  const say = () => session.phase === 'connected' && session.connection.send(`${id} ${count}`)
  return (
    <section id="chat" data-phase={session.phase} data-count={count}>
      <SessionBackendStatus session={session} />
      <button type="button" onClick={say}>
        Say
      </button>
      <button type="button" onClick={session.reconnect}>
        Reconnect
      </button>
    </section>
  )
}

function Light({ id }: { id: string }) {
  const { phase, name } = useSessionBackend(id, { enabled: false })
  return (
    <p id="light" data-phase={phase}>
      {phase} {name}
    </p>
  )
}

function Suspended({ id }: { id: string }) {
  const { phase } = useSuspenseSessionBackend(id)
  return (
    <p id="suspended" data-phase={phase}>
      {phase}
    </p>
  )
}

function Link({ id, onOpen }: { id: string; onOpen: (id: string) => void }) {
  const preload = usePreloadSessionBackend()
  return (
    <button type="button" onMouseEnter={() => preload(id)} onClick={() => onOpen(id)}>
      Open {id}
    </button>
  )
}

function App() {
  const [id, setId] = useState('one')
  return (
    <SessionBackendProvider endpoint="/api/sessions">
      <Chat id={id} />
      <Light id={id} />
      <Suspense fallback={<p>…</p>}>
        <Suspended id="suspended" />
      </Suspense>
      <Link id="two" onOpen={setId} />
    </SessionBackendProvider>
  )
}

const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
