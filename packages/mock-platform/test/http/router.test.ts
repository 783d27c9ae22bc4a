import { describe, expect, it } from 'vitest'
import { type ApiRoute, matchRoutes } from '../../src/http/router.ts'

const routeOf = (path: string, method: ApiRoute['method'] = 'GET'): ApiRoute => ({
  ...{ path, method, endpoint: 'status', auth: false, cors: false, handle: () => undefined },
})
const routes = [routeOf('/auth'), routeOf('/auth', 'POST'), routeOf('/backend/:name/status')]

describe('a path', () => {
  it.each([
    ['/backend/8nyg2/status', '8nyg2'],
    ['/v1/backend/8nyg2/status', '8nyg2'],
    ['/backend/8nyg2/status/', '8nyg2'],
    ['/backend/a%2Fb/status', 'a/b'],
    ['/backend/%E0%A4%A/status', '%E0%A4%A'],
  ])('%s leads to a backend, %s', (path, name) => {
    expect(matchRoutes(routes, path)).toMatchObject({ routes: [routes[2]], params: { name } })
  })

  it('leads to the routes of all its methods', () => {
    expect(matchRoutes(routes, '/auth')?.routes.map(({ method }) => method)).toEqual(['GET', 'POST'])
  })

  it.each(['/', '/v1', '/backend//status', '/backend/8nyg2', '/backend/8nyg2/status/more', '/v1/v1/auth'])(
    '%s leads nowhere',
    (path) => {
      expect(matchRoutes(routes, path)).toBeUndefined()
    },
  )
})
