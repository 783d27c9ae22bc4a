import { expect, it, onTestFinished, vi } from 'vitest'
import { Upstreams } from '../../src/proxy/upstreams.ts'
import { FakeBackend } from './house.ts'

const never = new AbortController().signal

function open() {
  const upstreams = new Upstreams()
  onTestFinished(() => upstreams.close())
  const backend = new FakeBackend()
  backend.ready({ host: '127.0.0.1', port: 9 })
  return { upstreams, backend }
}

it('a backend that is Ready is connected to once, until it ends', async () => {
  const { upstreams, backend } = open()
  expect(upstreams.get(backend)).toBeUndefined()
  const upstream = await upstreams.whenReady(backend, never)
  expect(await upstreams.whenReady(backend, never)).toBe(upstream)
  expect([upstreams.get(backend), upstream.over]).toEqual([upstream, undefined])
  backend.end()
  expect(upstream.over).toBe('ended')
  await vi.waitFor(() => expect(upstreams.get(backend)).toBeUndefined())
})

it('a backend that ends as soon as it is Ready is over, and not remembered', async () => {
  const { upstreams, backend } = open()
  backend.end()
  expect((await upstreams.whenReady(backend, never)).over).toBe('ended')
  await vi.waitFor(() => expect(upstreams.get(backend)).toBeUndefined())
})
