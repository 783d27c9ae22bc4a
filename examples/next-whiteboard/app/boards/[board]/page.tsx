import { SessionBackendError } from '@session-backend/server'
import type { Metadata } from 'next'
import { cookies, headers } from 'next/headers'
import { notFound, redirect } from 'next/navigation'
import { BoardPage } from '../../../board/board-page.tsx'
import { Refused } from '../../../board/refused.tsx'
import { findBoard } from '../../../lib/boards.ts'
import { sessionBackends } from '../../../lib/session-backends.ts'
import { COOKIE, idOf, readUser } from '../../../lib/users.ts'

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
  let refusal: string | undefined
  const initialSession = await sessionBackends
    .connect(board.id, { headers: await headers() })
    .catch((error: unknown) => {
      if (error instanceof SessionBackendError && error.code === 'forbidden') refusal = error.message
      // After another failure the browser asks the route itself, and shows what it says.
      return undefined
    })
  if (refusal) return <Refused title={board.title} message={refusal} />
  return (
    <BoardPage
      key={board.id}
      id={board.id}
      title={board.title}
      user={idOf(user)}
      role={user.role}
      initialSession={initialSession}
    />
  )
}
