import { cookies } from 'next/headers'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import { BOARDS } from '../lib/boards.ts'
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
        {BOARDS.map(({ id, title, about }) => (
          <li key={id}>
            {/* A board is not fetched before it is opened: that would start its backend. */}
            <Link href={`/boards/${id}`} prefetch={false}>
              <strong>{title}</strong>
              <span>{about}</span>
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
