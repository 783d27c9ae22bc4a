import 'server-only'
import { jwtVerify, SignJWT } from 'jose'
import * as v from 'valibot'
import { secret } from './secret.ts'

/** Editors draw; viewers watch. */
const ROLES = ['editor', 'viewer'] as const

const UserSchema = v.object({
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(40)),
  role: v.picklist(ROLES),
})

/** Who is signed in. */
export type User = v.InferOutput<typeof UserSchema>

/** The cookie that says who is signed in. */
export const COOKIE = 'whiteboard-user'
/** How long a sign-in lasts, in seconds. */
export const SIGN_IN_LASTS = 12 * 60 * 60

/** Reads what the sign-in form holds; `undefined` where something is missing. */
export function parseUser(value: unknown): User | undefined {
  const result = v.safeParse(UserSchema, value)
  return result.success ? result.output : undefined
}

/** By what the backend knows a user. It travels in a header, which is ASCII. */
export function idOf({ name }: User): string {
  return encodeURIComponent(name)
}

/** The value of the cookie for a user. */
export function signUser(user: User): Promise<string> {
  return new SignJWT(user)
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('app')
    .setExpirationTime(`${SIGN_IN_LASTS}s`)
    .sign(new TextEncoder().encode(secret()))
}

/** The user that a cookie stands for; `undefined` if nobody is signed in. */
export async function readUser(cookie: string | undefined): Promise<User | undefined> {
  if (cookie === undefined) return undefined
  try {
    const key = new TextEncoder().encode(secret())
    const { payload } = await jwtVerify(cookie, key, { audience: 'app', algorithms: ['HS256'] })
    return parseUser(payload)
  } catch {
    return undefined
  }
}

/** The user who sent a request. */
export function userOf(request: Request): Promise<User | undefined> {
  const cookies = request.headers.get('cookie') ?? ''
  return readUser(new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(cookies)?.[1])
}
