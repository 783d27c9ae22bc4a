// @vitest-environment jsdom
import { cleanup } from '@testing-library/react'
import { StrictMode, useState } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { useSessionBackend } from '../../src/hooks/use-session-backend.ts'
import { renderWorld } from '../support/render.tsx'
import { connectDocument } from '../support/steps.ts'

afterEach(cleanup)

interface ChatProps {
  onMessage: (message: unknown) => void
  onRender?: () => void
}

function Chat({ onMessage, onRender }: ChatProps) {
  onRender?.()
  return <p>{useSessionBackend('doc', { onMessage }).phase}</p>
}

/** Notes each message with how many it got before. */
function Counter({ calls }: { calls: string[] }) {
  const [count, setCount] = useState(0)
  useSessionBackend('doc', {
    onMessage(message) {
      calls.push(`${message} at ${count}`)
      setCount(count + 1)
    },
  })
  return null
}

describe('onMessage', () => {
  it('is called once for each message in StrictMode, as of the last render', async () => {
    const calls: string[] = []
    const page = renderWorld(() => (
      <StrictMode>
        <Counter calls={calls} />
      </StrictMode>
    ))
    await connectDocument(page, 'a')
    for (const message of ['one', 'two', 'three']) await page.does(() => page.sockets[0]?.receive(message))
    expect(calls).toEqual(['one at 0', 'two at 1', 'three at 2'])
  })

  it('may be another function without a render or a reconnect', async () => {
    const calls: string[] = []
    const onRender = vi.fn()
    const as = (name: string) => (
      <Chat onRender={onRender} onMessage={(message) => calls.push(`${name} got ${message}`)} />
    )
    const page = renderWorld(() => as('Ada'))
    await connectDocument(page, 'a')
    onRender.mockClear()
    page.rerender(as('Ben'))
    await page.does(() => page.sockets[0]?.receive('hello'))
    expect(calls).toEqual(['Ben got hello'])
    expect([onRender.mock.calls.length, page.sockets.length, page.posts().length]).toEqual([1, 1, 1])
  })

  it('is called in each component that has the document open, and in none that has left', async () => {
    const [ada, ben] = [vi.fn(), vi.fn()]
    const page = renderWorld(() => [<Chat key="ada" onMessage={ada} />, <Chat key="ben" onMessage={ben} />])
    await connectDocument(page, 'a')
    await page.does(() => page.sockets[0]?.receive('one'))
    page.rerender([<Chat key="ben" onMessage={ben} />])
    await page.does(() => page.sockets[0]?.receive('two'))
    expect([ada.mock.calls, ben.mock.calls]).toEqual([[['one']], [['one'], ['two']]])
  })

  it('may throw: the other listeners get the message, and the session stays connected', async () => {
    const thrown = vi.fn()
    process.on('uncaughtException', thrown)
    const ben = vi.fn()
    const broken = () => {
      throw new Error('This listener is broken.')
    }
    const page = renderWorld(() => [<Chat key="1" onMessage={broken} />, <Chat key="2" onMessage={ben} />])
    await connectDocument(page, 'a')
    const listeners = process.listeners('uncaughtException').filter((listener) => listener !== thrown)
    for (const listener of listeners) process.off('uncaughtException', listener)
    await page.does(() => page.sockets[0]?.receive('one'))
    for (const listener of listeners) process.on('uncaughtException', listener)
    process.off('uncaughtException', thrown)
    expect(ben).toHaveBeenCalledWith('one')
    expect(document.body.textContent).toBe('connectedconnected')
  })
})
