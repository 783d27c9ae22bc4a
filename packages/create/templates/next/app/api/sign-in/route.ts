import { cookies } from 'next/headers'
import { COOKIE, parseName } from '../../../sessions.ts'

export async function POST(request: Request) {
  const name = parseName((await request.formData()).get('name'))
  const jar = await cookies()
  if (name) jar.set(COOKIE, name, { httpOnly: true, sameSite: 'lax', maxAge: 12 * 60 * 60 })
  // The browser gets the page: after a 307, which `redirect` would send, it would post to it.
  return new Response(null, { status: 303, headers: { location: '/' } })
}
