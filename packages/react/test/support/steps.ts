import { openDocument } from './render.tsx'
import { sessionOf } from './world.ts'

type Page = Pick<ReturnType<typeof openDocument>, 'does' | 'posts' | 'sockets'>

/** Answers the last request with a backend that is Ready, and opens the socket to it. */
export async function connectDocument(page: Page, name: string): Promise<void> {
  await page.does(() =>
    page
      .posts()
      .at(-1)
      ?.reply(sessionOf(name, 'Ready', false)),
  )
  await page.does(() => page.sockets.at(-1)?.open())
}

/** A page on a document that is connected to the backend `a`. */
export async function openUntilConnected() {
  const page = openDocument()
  await connectDocument(page, 'a')
  return page
}
