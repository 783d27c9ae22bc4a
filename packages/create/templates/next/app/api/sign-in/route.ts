import { cookies } from 'next/headers'
import { COOKIE, pageOf, parseName } from '../../../sessions.ts'

export async function POST(request: Request) {
  const form = await request.formData()
  const name = parseName(form.get('name'))
  if (name) (await cookies()).set(COOKIE, name, { httpOnly: true, sameSite: 'lax' })
  // `redirect` would answer 307, and the browser would post to the page.
  return new Response(null, { status: 303, headers: { location: pageOf(form.get('board')) } })
}
