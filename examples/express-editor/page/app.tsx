import { relayStatus, SessionBackendProvider, traceHeaders } from '@session-backend/react'
import { useSyncExternalStore } from 'react'
import { DocumentList } from './document-list.tsx'
import { DocumentPage } from './document-page.tsx'
import { useUnsavedDocuments, useWarningBeforeUnload } from './open-documents.ts'

/**
 * The list of documents, and the one whose id is in the address; unseen, those whose last edits are not saved
 * yet.
 */
export function App() {
  const documentId = useDocumentId()
  const unsaved = useUnsavedDocuments()
  useWarningBeforeUnload()
  const Site = documentId ? 'p' : 'h1'
  const open = new Set(documentId ? [documentId, ...unsaved] : unsaved)
  return (
    <SessionBackendProvider endpoint="/api/sessions" headers={traceHeaders} statusSource={relayStatus}>
      <title>{documentId ? `${documentId} – Markdown together` : 'Markdown together'}</title>
      <div className={documentId ? 'layout has-document' : 'layout'}>
        <aside>
          {/* With a document open, its name is the page's heading. */}
          <Site className="site">
            <a href="#/">Markdown together</a>
          </Site>
          <DocumentList current={documentId} unsaved={unsaved} />
          <p className="backends">
            <a href="/backends" target="_blank" rel="noreferrer">
              See the backends run
            </a>
          </p>
        </aside>
        <main>
          {[...open].map((id) => (
            <DocumentPage key={id} documentId={id} isShown={id === documentId} />
          ))}
          {!documentId && (
            <div className="empty">
              <p>Open a file, then open it again in a second window: both edit the file on disk.</p>
            </div>
          )}
        </main>
      </div>
    </SessionBackendProvider>
  )
}

function useDocumentId(): string | undefined {
  const hash = useSyncExternalStore(
    (listener) => {
      addEventListener('hashchange', listener)
      return () => removeEventListener('hashchange', listener)
    },
    () => location.hash.replace(/^#\/?/, ''),
  )
  try {
    return hash === '' ? undefined : decodeURIComponent(hash)
  } catch {
    return undefined
  }
}
