import type { BackendStatus } from '@session-backend/core'
import { openDocument } from './render.tsx'
import { sessionOf, timeAt } from './world.ts'

type Page = Pick<ReturnType<typeof openDocument>, 'does' | 'passes' | 'posts' | 'looks' | 'sockets'>

/** Answers the last request with a backend that is Ready, and opens the socket to it, or does something else with it. */
export async function connectDocument(
  page: Page,
  name: string,
  answer = () => page.sockets.at(-1)?.open(),
): Promise<void> {
  await page.does(() =>
    page
      .posts()
      .at(-1)
      ?.reply(sessionOf(name, 'Ready', false)),
  )
  await page.does(answer)
}

/** A page on a document that is connected to the backend `a`. */
export async function openUntilConnected() {
  const page = openDocument()
  await connectDocument(page, 'a')
  return page
}

/** The last socket is lost with its backend, whose status is read as soon as that may take. */
export async function endBackend(page: Page, status: BackendStatus) {
  const looks = page.looks().length
  await page.does(() => page.sockets.at(-1)?.drop())
  // The first time within 100 ms, then after a back-off.
  for (const wait of [100, 400, 500, 1000, 2000, 4000]) {
    await page.passes(wait)
    if (page.looks().length > looks) break
  }
  await page.does(() =>
    page
      .looks()
      .at(-1)
      ?.reply({ state: status, time: timeAt(0) }),
  )
}
