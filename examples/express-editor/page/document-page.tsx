import { SessionBackendStatus, type UseSessionBackendResult, useSessionBackend } from '@session-backend/react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { CodeEditor } from './code-editor.tsx'
import { Opening } from './opening.tsx'
import { People, randomPerson } from './people.tsx'
import { SharedDocument } from './shared-document.ts'

/** One document: how far its backend is, and then the editor. */
export function DocumentPage({ documentId }: { documentId: string }) {
  const shared = useSharedDocument()
  return shared ? <OpenDocument documentId={documentId} shared={shared} /> : null
}

function OpenDocument({ documentId, shared }: { documentId: string; shared: SharedDocument }) {
  const session = useSessionBackend(documentId, { connect: shared.connect })
  const { loaded, unsaved } = useSyncExternalStore(shared.subscribe, () => shared.state)
  // Nothing goes on by itself: it is for the user to try again.
  const stopped = session.phase === 'failed' || session.phase === 'ended'

  return (
    <>
      <header className="document-bar" data-backend={session.name} data-phase={session.phase}>
        <a className="back" href="#/">
          All files
        </a>
        <h2>{documentId}</h2>
        <SaveState phase={session.phase} unsaved={unsaved} />
        <People shared={shared} />
      </header>
      {stopped && <SessionBackendStatus session={session} className="notice" />}
      {loaded && <CodeEditor shared={shared} label={documentId} />}
      {!loaded && !stopped && <Opening session={session} />}
    </>
  )
}

interface SaveStateProps {
  phase: UseSessionBackendResult<unknown>['phase']
  unsaved: number
}

function SaveState({ phase, unsaved }: SaveStateProps) {
  const isSafe = phase === 'connected' && unsaved === 0
  return (
    <span className={isSafe ? 'state safe' : 'state'} role="status">
      {textOf({ phase, unsaved })}
    </span>
  )
}

function textOf({ phase, unsaved }: SaveStateProps): string {
  if (phase === 'connected') return unsaved > 0 ? 'Saving …' : 'Saved to disk'
  const state = phase === 'reconnecting' ? 'Connecting again' : 'Not connected'
  return unsaved > 0 ? `${state}. Your edits are kept in this window.` : state
}

/** The document lives as long as the page shows it, however often its backend is replaced. */
function useSharedDocument(): SharedDocument | undefined {
  const [shared, setShared] = useState<SharedDocument>()
  useEffect(() => {
    const created = new SharedDocument()
    created.awareness.setLocalStateField('user', randomPerson())
    setShared(created)
    return () => created.destroy()
  }, [])
  return shared
}
