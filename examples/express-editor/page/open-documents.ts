import { useEffect, useSyncExternalStore } from 'react'
import { SharedDocument } from './shared-document.ts'

const documents = new Map<string, SharedDocument>()
const listeners = new Set<() => void>()
let unsaved: readonly string[] = []

/**
 * This window's copy of a document. It is kept when another one is shown: what was typed is lost only with
 * the window.
 */
export function documentOf(id: string): SharedDocument {
  const known = documents.get(id)
  if (known) return known
  const created = new SharedDocument()
  created.subscribe(update)
  documents.set(id, created)
  return created
}

/** The documents with edits that are not safe on disk yet. */
export function useUnsavedDocuments(): readonly string[] {
  return useSyncExternalStore(subscribe, () => unsaved)
}

/** Has the browser ask before the window is closed while there are such documents. */
export function useWarningBeforeUnload(): void {
  const isUnsafe = useUnsavedDocuments().length > 0
  useEffect(() => {
    if (!isUnsafe) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [isUnsafe])
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function update(): void {
  const ids = [...documents].filter(([, { state }]) => state.unsaved > 0).map(([id]) => id)
  if (ids.join('\n') === unsaved.join('\n')) return
  unsaved = ids
  for (const listener of listeners) listener()
}
