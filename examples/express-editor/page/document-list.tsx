import { useEffect, useState } from 'react'

interface DocumentEntry {
  id: string
  size: number
  modifiedAt: number
}

interface DocumentListProps {
  current: string | undefined
  /** The documents with edits that are not saved yet. */
  unsaved: readonly string[]
}

/** The folder's Markdown files, each a link that opens it. */
export function DocumentList({ current, unsaved }: DocumentListProps) {
  const [documents, setDocuments] = useState<DocumentEntry[]>()
  const [error, setError] = useState<string>()

  useEffect(() => {
    const controller = new AbortController()
    fetch('/api/documents', { signal: controller.signal })
      .then((response) => response.json())
      .then((body: { documents: DocumentEntry[] }) => setDocuments(body.documents))
      .catch(
        () =>
          controller.signal.aborted ||
          setError('The list could not be loaded. Reload the page to try again.'),
      )
    return () => controller.abort()
  }, [])

  if (error) return <p role="alert">{error}</p>
  if (!documents) return <p role="status">Reading the folder…</p>
  if (documents.length === 0) return <p>This folder has no Markdown files. Add one, and reload the page.</p>
  return (
    <nav aria-label="Documents">
      <ul className="documents">
        {documents.map(({ id, size, modifiedAt }) => (
          <li key={id}>
            <a
              href={`#/${encodeURIComponent(id)}`}
              aria-current={id === current ? 'page' : undefined}
              ref={id === current ? reveal : undefined}
            >
              <span className="document-name">{id}</span>
              <small>
                {unsaved.includes(id) && id !== current
                  ? 'Not saved yet: kept in this window'
                  : `${formatSize(size)}, ${new Date(modifiedAt).toLocaleDateString()}`}
              </small>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** Who opens a file by its address sees it in the list, however long that is. */
function reveal(link: HTMLAnchorElement | null): void {
  link?.scrollIntoView({ block: 'nearest' })
}

function formatSize(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} kB`
}
