import { SessionBackendStatus, type UseSessionBackendResult, useSessionBackend } from '@session-backend/react'
import { useSyncExternalStore } from 'react'
import { CodeEditor } from './code-editor.tsx'
import { documentOf } from './open-documents.ts'
import { Opening } from './opening.tsx'
import { People } from './people.tsx'
import type { DocumentState } from './shared-document.ts'

/**
 * One document: how far its backend is, and then the editor. One that is not shown keeps its connection, to
 * bring the last edits home.
 */
export function DocumentPage({ documentId, isShown }: { documentId: string; isShown: boolean }) {
  const shared = documentOf(documentId)
  const session = useSessionBackend(documentId, { connect: shared.connect })
  const state = useSyncExternalStore(shared.subscribe, () => shared.state)
  if (!isShown) return null
  const { loaded } = state
  // Nothing goes on by itself: it is for the user to try again.
  const stopped = session.phase === 'failed' || session.phase === 'ended'

  return (
    <>
      <header className="document-bar" data-backend={session.name} data-phase={session.phase}>
        <a className="back" href="#/">
          All files
        </a>
        <h1>{documentId}</h1>
        <SaveState phase={session.phase} state={state} />
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
  state: DocumentState
}

function SaveState({ phase, state }: SaveStateProps) {
  const isSafe = phase === 'connected' && state.unsaved === 0
  return (
    <span className={isSafe ? 'state safe' : 'state'} role="status">
      {textOf(phase, state)}
    </span>
  )
}

function textOf(phase: SaveStateProps['phase'], { unsaved }: DocumentState): string {
  if (phase === 'connected') return unsaved > 0 ? 'Saving…' : 'Saved to disk'
  const isOver = phase === 'failed' || phase === 'ended'
  const state = isOver ? 'Not connected' : phase === 'reconnecting' ? 'Reconnecting' : 'Opening…'
  return unsaved > 0 ? `${state}. Your edits are kept in this window.` : state
}
