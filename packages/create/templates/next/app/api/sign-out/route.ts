import { cookies } from 'next/headers'
import { COOKIE } from '../../../sessions.ts'

export async function POST() {
  const jar = await cookies()
  jar.delete(COOKIE)
  return new Response(null, { status: 303, headers: { location: '/' } })
}
