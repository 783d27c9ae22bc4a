'use server'

import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { COOKIE, parseUser, SIGN_IN_LASTS, signUser } from '../../lib/users.ts'

/** Signs anybody in under any name: an app with accounts checks here who it is, and looks their role up. */
export async function signIn(form: FormData): Promise<void> {
  const user = parseUser({ name: form.get('name'), role: form.get('role') })
  if (!user) redirect('/sign-in')
  const [jar, sent] = await Promise.all([cookies(), headers()])
  jar.set(COOKIE, await signUser(user), {
    httpOnly: true,
    sameSite: 'lax',
    // A sign-in over HTTPS is never sent without it.
    secure: sent.get('x-forwarded-proto') === 'https',
    maxAge: SIGN_IN_LASTS,
    path: '/',
  })
  redirect('/')
}

export async function signOut(): Promise<void> {
  const jar = await cookies()
  jar.delete(COOKIE)
  redirect('/sign-in')
}
