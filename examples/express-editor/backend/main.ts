/**
 * The session backend: one process that owns one Markdown file. The platform starts it when the first
 * user opens the file, and sends SIGTERM when everybody has been gone for the grace period.
 */
import { bytes, fencedFile, runBackend } from '@session-backend/backend'
import { yjs } from '@session-backend/backend/yjs'
import { MarkdownFile } from './markdown-file.ts'

const { DOCUMENT_FILE = '', STATE_FOLDER } = process.env
const file = new MarkdownFile(DOCUMENT_FILE, fencedFile(STATE_FOLDER, { schema: bytes }))

await runBackend(
  yjs({
    storage: file,
    open: (doc) => file.open(doc),
    opened: (room) => file.watch(() => room.changed()),
    beforeSave: () => file.merge(),
    // Anybody whom the app's route let in may edit: this app has no users.
    authorize: () => ({}),
  }),
)
