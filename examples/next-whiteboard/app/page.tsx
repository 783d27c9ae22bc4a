import { cookies } from 'next/headers'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import { Unsaved } from '../board/unsaved.tsx'
import { BOARDS, mayOpen } from '../lib/boards.ts'
import { COOKIE, readUser } from '../lib/users.ts'
import { signOut } from './sign-in/actions.ts'

/** All boards. */
export default async function Home() {
  const user = await readUser((await cookies()).get(COOKIE)?.value)
  if (!user) redirect('/sign-in')
  return (
    <main className="narrow">
      <h1>Whiteboards</h1>
      <ul className="boards">
        {BOARDS.map((board) => (
          <li key={board.id}>
            {/* A board is not fetched before it is opened: that would start its backend. */}
            <Link href={`/boards/${board.id}`} prefetch={false}>
              <strong>{board.title}</strong>
              <span>{board.about}</span>
              {mayOpen(user, board) && <Unsaved board={board.id} />}
            </Link>
          </li>
        ))}
      </ul>
      <form action={signOut} className="quiet">
        Signed in as {user.name} ({user.role}). <button type="submit">Sign out</button>
      </form>
    </main>
  )
}
