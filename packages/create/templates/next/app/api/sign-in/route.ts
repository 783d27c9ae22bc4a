import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { COOKIE, parseName } from '../../../sessions.ts'

export async function POST(request: Request) {
  const name = parseName((await request.formData()).get('name'))
  const jar = await cookies()
  if (name) jar.set(COOKIE, name, { httpOnly: true, sameSite: 'lax', maxAge: 12 * 60 * 60 })
  redirect('/')
}
