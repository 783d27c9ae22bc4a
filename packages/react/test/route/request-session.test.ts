import { describe, expect, it } from 'vitest'
import { routeUrl } from '../../src/route/request-session.ts'

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
