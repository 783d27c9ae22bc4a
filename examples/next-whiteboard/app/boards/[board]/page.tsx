import type { Metadata } from 'next'
import { cookies, headers } from 'next/headers'
import { notFound, redirect } from 'next/navigation'
import { BoardPage } from '../../../board/board-page.tsx'
import { findBoard } from '../../../lib/boards.ts'
import { sessionBackends } from '../../../lib/session-backends.ts'
import { COOKIE, readUser } from '../../../lib/users.ts'

interface Props {
  params: Promise<{ board: string }>
}

/** Each window is named after its board. */
export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const board = findBoard((await params).board)
  return board ? { title: board.title } : {}
}

/** One board. Its backend is spawned while the page is rendered, so that the browser finds it on its way. */
export default async function Page({ params }: Props) {
  const { board: id } = await params
  const user = await readUser((await cookies()).get(COOKIE)?.value)
  if (!user) redirect('/sign-in')
  const board = findBoard(id)
  if (!board) notFound()
  // If this fails, the browser asks the route itself, and shows what it says.
  const session = await sessionBackends.connect(board.id, { headers: await headers() }).catch(() => undefined)
  return <BoardPage id={board.id} title={board.title} role={user.role} initialSession={session} />
}
