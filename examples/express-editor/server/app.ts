import { createHash } from 'node:crypto'
import { createSessionBackends, SessionBackendError } from '@session-backend/server'
import { expressMiddleware } from '@session-backend/server/express'
import express, { type Express } from 'express'
import type { DocumentFolder } from './documents.ts'
import type { Engine } from './engine.ts'

/** What {@link createApp} puts together. */
export interface AppOptions {
  engine: Omit<Engine, 'close'>
  documents: DocumentFolder
  /** Where the built page is. */
  pageFolder: string
  /** Seconds from the moment the last browser leaves until a backend is swept. */
  gracePeriodSeconds: number
}

/** The app: the page, the list of documents, and the route by which the page gets a session backend. */
export function createApp(options: AppOptions): Express {
  const { engine, documents, pageFolder, gracePeriodSeconds } = options

  const sessionBackends = createSessionBackends({
    platform: engine.platform,
    // Everybody who reaches this server may edit every document of the folder. An app with users asks
    // here who sent the request, and whether they may open this document.
    async authorize({ documentId }) {
      if ((await documents.find(documentId)) !== undefined) return true
      throw new SessionBackendError('forbidden', 'The folder has no such file.')
    },
    // The page follows the status by our own route: a start that fails is shown with its cause.
    startupLog: true,
    spawn: async ({ documentId }) => ({
      gracePeriodSeconds,
      env: {
        DOCUMENT_FILE: engine.pathOf((await documents.find(documentId)) ?? ''),
        STATE_FOLDER: `${engine.stateFolder}/${createHash('sha256').update(documentId).digest('hex').slice(0, 32)}`,
      },
    }),
  })

  const app = express()
  app.disable('x-powered-by')
  // There is no sign-in. Without this check, any website whose host name resolves to this machine could read
  // the files. An app with users doesn't need it.
  app.use((request, response, next) => {
    if (['localhost', '127.0.0.1', '[::1]'].includes(request.hostname)) return next()
    response
      .status(403)
      .type('text')
      .send('The editor has no sign-in. Open it as localhost, on the machine that runs it.\n')
  })
  app.get('/api/documents', async (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ documents: await documents.list() })
  })
  app.get('/backends', (_request, response) => response.redirect(engine.dashboardUrl))
  app.use('/api/sessions', expressMiddleware(sessionBackends))
  app.use(express.static(pageFolder))
  return app
}
