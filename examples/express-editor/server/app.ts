import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createSessionBackends, type Platform } from '@session-backend/server'
import { expressMiddleware } from '@session-backend/server/express'
import express, { type Express } from 'express'
import type { DocumentFolder } from './documents.ts'

/** What {@link createApp} puts together. */
export interface AppOptions {
  platform: Platform
  documents: DocumentFolder
  /** Where backends keep the edit history of the documents. */
  stateFolder: string
  /** Where the built page is. */
  pageFolder: string
  /** Where the platform shows its backends. */
  dashboardUrl: string
  /** Seconds from the moment the last browser leaves until a backend is swept. */
  gracePeriodSeconds: number
}

/** The app: the page, the list of documents, and the route by which the page gets a session backend. */
export function createApp(options: AppOptions): Express {
  const { platform, documents, stateFolder, pageFolder, dashboardUrl, gracePeriodSeconds } = options

  const sessionBackends = createSessionBackends({
    platform,
    // Everybody who reaches this server may edit every document of the folder. An app with users asks
    // here who sent the request, and whether they may open this document.
    authorize: async ({ documentId }) => (await documents.find(documentId)) !== undefined,
    spawn: async ({ documentId }) => ({
      gracePeriodSeconds,
      env: {
        DOCUMENT_FILE: (await documents.find(documentId)) ?? '',
        STATE_FOLDER: join(stateFolder, createHash('sha256').update(documentId).digest('hex').slice(0, 32)),
      },
    }),
  })

  const app = express()
  app.disable('x-powered-by')
  app.get('/api/documents', async (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ documents: await documents.list() })
  })
  app.get('/backends', (_request, response) => response.redirect(dashboardUrl))
  app.use('/api/sessions', expressMiddleware(sessionBackends))
  app.use(express.static(pageFolder))
  return app
}
