/**
 * The session backend: one process that owns one Markdown file. The platform starts it when the first
 * user opens the file, and sends SIGTERM when everybody has been gone for the grace period.
 */
import { bytes, fencedFile, runBackend } from '@session-backend/backend'
import { yjs } from '@session-backend/backend/yjs'
import { MarkdownFile } from './markdown-file.ts'

/** A backend of a warm pool learns only after its start which file it owns. */
let file: MarkdownFile | undefined

await runBackend(
  yjs({
    storage({ env: { DOCUMENT_FILE = '', STATE_FOLDER } }) {
      file = new MarkdownFile(DOCUMENT_FILE, fencedFile(STATE_FOLDER, { schema: bytes }))
      return file
    },
    open: (doc) => file?.open(doc),
    opened: (room) => file?.watch(() => room.changed()),
    beforeSave: () => file?.merge(),
    // Anybody whom the app's route let in may edit: this app has no users.
    authorize: () => ({}),
  }),
)
