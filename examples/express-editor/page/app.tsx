import { relayStatus, SessionBackendProvider } from '@session-backend/react'
import { useSyncExternalStore } from 'react'
import { DocumentList } from './document-list.tsx'
import { DocumentPage } from './document-page.tsx'

/** The list of documents, and the one whose id is in the address. */
export function App() {
  const documentId = useDocumentId()
  return (
    <SessionBackendProvider endpoint="/api/sessions" statusSource={relayStatus}>
      <title>{documentId ? `${documentId} – Markdown together` : 'Markdown together'}</title>
      <div className={documentId ? 'layout has-document' : 'layout'}>
        <aside>
          <h1>
            <a href="#/">Markdown together</a>
          </h1>
          <DocumentList current={documentId} />
          <p className="backends">
            <a href="/backends" target="_blank" rel="noreferrer">
              See the backends run
            </a>
          </p>
        </aside>
        <main>
          {documentId ? (
            <DocumentPage key={documentId} documentId={documentId} />
          ) : (
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
