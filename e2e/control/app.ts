import { join } from 'node:path'
import {
  createSessionBackends,
  type SessionBackends,
  type SessionBackendsOptions,
} from '@session-backend/server'
import { expect } from 'vitest'
import { openPage } from './page.ts'

/** With MEASURE=1, on a machine that does nothing else, the time of a revocation is what PROTOCOL.md promises. In ms. */
export const REVOCATION_LIMIT = process.env.MEASURE === '1' ? 1_000 : 5_000

/** The program of the backends that are controlled. */
export const CONTROLLED = join(import.meta.dirname, '../../packages/backend/test/fixtures/controlled.ts')

/** One server of an app whose users say who they are. */
export function startAppServer(options: Omit<SessionBackendsOptions, 'authorize'>): SessionBackends {
  return createSessionBackends({
    ...options,
    authorize: ({ request }) => {
      const user = request.headers.get('x-user')
      return user === null ? 'unauthenticated' : { user, auth: { role: `role of ${user}` } }
    },
  })
}

export const openSession = (server: SessionBackends, documentId: string, user = 'ada') =>
  server.connect(documentId, { headers: { 'x-user': user } })

/** A page of a user on a document. */
export async function open(server: SessionBackends, documentId: string, user = 'ada') {
  const session = await openSession(server, documentId, user)
  return { session, ...(await openPage(session.url)) }
}

/** Opens 200 connections of one user, and revokes the user. Resolves to the ms after which each was closed. */
export async function timeRevocation(server: SessionBackends, documentId: string): Promise<number[]> {
  const pages = []
  for (let i = 0; i < 200; i++) pages.push(await open(server, documentId))
  await Promise.all(pages.map((page) => page.message('you')))
  const started = performance.now()
  const times = pages.map(async ({ closed }) => {
    expect(await closed).toBe(4403)
    return performance.now() - started
  })
  await server.revoke(documentId, { user: 'ada' })
  return Promise.all(times)
}

/** The value that this part of them does not exceed. */
export function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN
}
