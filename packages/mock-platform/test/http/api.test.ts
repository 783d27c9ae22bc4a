import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Faults } from '../../src/faults/faults.ts'
import { createApi } from '../../src/http/api.ts'
import type { ApiRoute } from '../../src/http/router.ts'
import { createClock } from '../../src/index.ts'

/** An API of one endpoint, `GET /auth`. */
async function start(handle: ApiRoute['handle']) {
  const problems: unknown[] = []
  const route: ApiRoute = { endpoint: 'auth', method: 'GET', path: '/auth', auth: false, cors: false, handle }
  const api = createApi({
    routes: [route],
    token: 'sekret',
    faults: new Faults(() => {}),
    clock: createClock(),
    onProblem: (problem) => problems.push(problem),
  })
  const server = createServer(api).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  return { problems, url: `http://127.0.0.1:${typeof address === 'object' && address?.port}/auth` }
}

describe('an unexpected error', () => {
  const defect = new TypeError('a secret of the platform')

  it('is reported to the platform, and not to the client', async () => {
    const { problems, url } = await start(() => Promise.reject(defect))
    const answer = await fetch(url)
    const text = await answer.text()
    expect([answer.status, JSON.parse(text).error.code]).toEqual([500, 'internal'])
    expect(text).not.toContain('secret')
    expect(problems).toEqual([defect])
  })

  it('cuts off an answer that has begun, so that nobody takes it for the whole', async () => {
    const { problems, url } = await start(({ response }) => {
      response.writeHead(200).write('the beginning')
      throw defect
    })
    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow()
    expect(problems).toEqual([defect])
  })

  it('is not reported if the client has left', async () => {
    const arrived = vi.fn()
    const { problems, url } = await start(async ({ response }) => {
      arrived()
      await once(response, 'close')
      throw defect
    })
    const client = new AbortController()
    const answer = fetch(url, { signal: client.signal })
    await vi.waitFor(() => expect(arrived).toHaveBeenCalled())
    client.abort()
    await expect(answer).rejects.toThrow()
    // The next request is answered after what is left of the first.
    const next = new AbortController()
    const second = fetch(url, { signal: next.signal })
    await vi.waitFor(() => expect(arrived).toHaveBeenCalledTimes(2))
    next.abort()
    await expect(second).rejects.toThrow()
    expect(problems).toEqual([])
  })
})
