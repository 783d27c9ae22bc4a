import { createServer } from 'node:http'
import { connect } from 'node:net'
import { brotliCompressSync, createGzip, deflateSync, gzipSync } from 'node:zlib'
import { Agent, type Dispatcher } from 'undici'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { clientOf } from '../support/client.ts'
import { close, listening } from '../support/listen.ts'
import { BACKEND, SESSION, sendJson, startUpstream } from '../support/upstream.ts'

describe('an answer that a proxy has compressed', () => {
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('is read: %s', async (encoding, compress) => {
    const upstream = await startUpstream((response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(compress(JSON.stringify(BACKEND))),
    )
    expect(await clientOf(upstream).spawn()).toEqual(SESSION)
  })

  it('is refused if it grows beyond 1 MiB', async () => {
    const upstream = await startUpstream((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000))),
    )
    await expect(clientOf(upstream).spawn()).rejects.toMatchObject({ code: 'platform_error' })
  })

  it('is a stream whose events come at once', async () => {
    const upstream = await startUpstream((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
      const zip = createGzip()
      zip.pipe(response)
      zip.write('data: {"state":"Loading","time":"2026-01-01T12:00:00Z"}\n\n')
      zip.flush()
    })
    const statuses = clientOf(upstream).statusStream('b1')[Symbol.asyncIterator]()
    expect((await statuses.next()).value).toMatchObject({ state: 'Loading' })
    await statuses.return?.()
  })
})

describe('the connections to the platform', () => {
  it("are the app's dispatcher if it gives one, which stays open", async () => {
    const paths: string[] = []
    class Recorder extends Agent {
      override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) {
        paths.push(options.path)
        return super.dispatch(options, handler)
      }
    }
    const dispatcher = new Recorder()
    onTestFinished(() => dispatcher.close())
    const upstream = await startUpstream(sendJson(BACKEND))
    const client = clientOf(upstream, { dispatcher })
    await client.spawn()
    await client.close()
    expect(paths).toEqual(['/user/acme/service/editor/spawn'])
    expect(dispatcher.destroyed).toBe(false)
  })

  it('lead through the proxy that the environment names, but not to this machine', async () => {
    const upstream = await startUpstream(sendJson(BACKEND))
    const tunnels: (string | undefined)[] = []
    const proxy = createServer()
    proxy.on('connect', (request, socket) => {
      tunnels.push(request.url)
      const tunnel = connect(Number(new URL(upstream.url).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        tunnel.pipe(socket).pipe(tunnel)
      })
    })
    onTestFinished(() => close(proxy))
    vi.stubEnv('HTTP_PROXY', await listening(proxy))
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await clientOf(upstream, { apiUrl: 'http://platform.example.test' }).spawn()).toEqual(SESSION)
    expect(await clientOf(upstream).spawn()).toEqual(SESSION)
    expect(tunnels).toEqual(['platform.example.test:80'])
  })
})
