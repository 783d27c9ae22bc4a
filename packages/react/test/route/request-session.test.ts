import { describe, expect, it } from 'vitest'
import { requestSession, routeUrl } from '../../src/route/request-session.ts'

const address = (documentId: string) =>
  routeUrl({ endpoint: '/api/sessions', documentId, signal: new AbortController().signal })

describe('the address of a document', () => {
  it('is one segment below the route, for any id', () => {
    expect(address('notes/to do?.md')).toBe('/api/sessions/notes%2Fto%20do%3F.md')
  })

  it.each(['', '.', '..', 'half \ud83d'])(
    'does not exist for %j: no URL has such a segment',
    (documentId) => {
      expect(() => address(documentId)).toThrow(expect.objectContaining({ code: 'bad_request' }))
    },
  )
})

describe('an answer that has neither a session nor a code', () => {
  const answers = (answer: Response) =>
    requestSession(
      {
        ...{ endpoint: '/api/sessions', documentId: 'doc', fetch: async () => answer },
        signal: new AbortController().signal,
      },
      'GET',
    )

  // A login page, or an app whose server answers every path with its index.html.
  it.each(['<!doctype html>', '', '{}', '{"name":"x"}'])('names the request if it is 200 with %j', (body) =>
    expect(answers(new Response(body))).rejects.toMatchObject({
      code: 'platform_error',
      message: 'GET /api/sessions/doc answered 200 without a session: check `endpoint`.',
    }),
  )

  it.each([401, 404, 405])('asks for another endpoint if it is %i', (status) =>
    expect(answers(new Response('', { status }))).rejects.toMatchObject({
      status,
      message: `GET /api/sessions/doc answered ${status} without a session: check \`endpoint\`.`,
    }),
  )

  it.each([429, 500, 502])('only names the request if it is %i, as proxies answer', (status) =>
    expect(answers(new Response('', { status }))).rejects.toMatchObject({
      status,
      message: `GET /api/sessions/doc answered ${status}.`,
    }),
  )
})
