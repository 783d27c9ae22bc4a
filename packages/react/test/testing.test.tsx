// @vitest-environment jsdom
import { SessionBackendError } from '@session-backend/core'
import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { SessionBackendStatus } from '../src/hooks/session-backend-status.tsx'
import { useSessionBackend } from '../src/hooks/use-session-backend.ts'
import { idleSession } from '../src/session/view.ts'
import { createTestSessions, TestSessionProvider } from '../src/testing.ts'

afterEach(cleanup)

function Chat() {
  const session = useSessionBackend('room')
  if (session.phase !== 'connected') return <SessionBackendStatus session={session} />
  return (
    <button type="button" onClick={() => session.connection.send('hello')}>
      say hello
    </button>
  )
}

function Light() {
  return <em>{useSessionBackend('room', { enabled: false }).phase}</em>
}

function Line() {
  return <SessionBackendStatus session={useSessionBackend('room')} />
}

function openChat() {
  const sessions = createTestSessions()
  render(
    <TestSessionProvider sessions={sessions}>
      <Chat />
    </TestSessionProvider>,
  )
  return sessions.of('room')
}

describe('createTestSessions', () => {
  it('leads a component through every phase, without a network', () => {
    const room = openChat()
    expect(screen.getByRole('status').dataset.phase).toBe('requesting')
    act(() => room.waits('Loading'))
    expect(screen.getByRole('status').dataset.phase).toBe('waiting')
    act(() => room.connects())
    screen.getByText('say hello')
    act(() => room.loses())
    expect(screen.getByRole('status').dataset.phase).toBe('reconnecting')
    act(() => room.connects())
    act(() => room.ends())
    expect(screen.getByRole('status').dataset.phase).toBe('ended')
    act(() => room.fails(new SessionBackendError('forbidden', 'You may not open this.')))
    expect(screen.getByRole('alert').textContent).toContain('You may not open this.')
  })

  it("is the backend's end of the connection", () => {
    const room = openChat()
    act(() => room.connects())
    screen.getByText('say hello').click()
    expect(room.connection.sent).toEqual(['hello'])
    const received: unknown[] = []
    room.connection.subscribe((message) => received.push(message))
    room.connection.receive('welcome')
    expect(received).toEqual(['welcome'])
  })

  it('records the functions that the app calls, and counts the components that have the document open', () => {
    const room = openChat()
    expect(room.subscribers).toBe(1)
    act(() => room.fails(new SessionBackendError('crash_loop', 'It ended too often.')))
    screen.getByRole('button', { name: 'Try again' }).click()
    expect(room.calls).toEqual(['retry'])
    cleanup()
    expect(room.subscribers).toBe(0)
  })

  it('shows a session to a component that is not enabled', () => {
    const sessions = createTestSessions()
    const { container } = render(
      <TestSessionProvider sessions={sessions}>
        <Light />
      </TestSessionProvider>,
    )
    act(() => sessions.of('room').waits())
    expect(container.textContent).toBe('waiting')
  })
})

describe('SessionBackendStatus', () => {
  it('announces the phase and how far the start has come', () => {
    const room = openChat()
    act(() => room.waits('Starting', { p50: 8000, p90: 12_000 }))
    expect(screen.getByRole('status').textContent).toContain('Starting…')
    expect(screen.getByText('This usually takes about 8 s.')).toBeDefined()
    expect(screen.getByRole<HTMLProgressElement>('progressbar')).toMatchObject({ value: 2, max: 3 })
  })

  it('announces whether what was done is saved', () => {
    const sessions = createTestSessions()
    render(
      <TestSessionProvider sessions={sessions}>
        <Line />
      </TestSessionProvider>,
    )
    const room = sessions.of('room')
    const says = () => screen.getByRole('status').textContent
    act(() => room.connects())
    expect(says()).toBe('Connected')
    act(() => room.keeps(2))
    expect(says()).toBe('Saving…')
    act(() => room.keeps(0))
    expect(says()).toBe('Saved')
    act(() => room.keeps(1))
    act(() => room.loses())
    expect(says()).toContain('Offline: 1 change kept in this tab')
    act(() => {
      room.keeps(0)
      room.keeps(3)
    })
    expect(says()).toContain('Offline: 3 changes kept in this tab')
  })

  it('says that a start takes longer than usual, and offers to try again', () => {
    const room = openChat()
    act(() => room.waits('Starting', { p50: 8000, p90: 12_000 }))
    expect(screen.queryByRole('button')).toBeNull()
    act(() => room.isOverdue())
    expect(screen.getByRole('status').dataset.overdue).toBe('true')
    expect(screen.getByRole('status').textContent).toContain('This is taking longer than usual.')
    screen.getByRole('button', { name: 'Try again' }).click()
    expect(room.calls).toEqual(['retry'])
  })

  it('alerts of a failure, and shows its cause and the end of the log', () => {
    const timeline = { backend: 'a', statuses: [], log: ['Error: no database', 'at main.js:1'] }
    const error = new SessionBackendError('crash_loop', 'The backend ended too often.')
    const actions = { retry() {}, disconnect() {}, reconnect() {} }
    render(
      <SessionBackendStatus
        session={{
          ...actions,
          phase: 'failed',
          connection: undefined,
          error,
          timeline,
          status: 'ErrorStarting',
          name: 'a',
          url: undefined,
          typicalStart: undefined,
          unsaved: undefined,
          since: 0,
          overdue: false,
        }}
        text={{ failed: 'Das ging nicht.' }}
      />,
    )
    const alert = screen.getByRole('alert')
    for (const part of ['Das ging nicht.', error.message, 'Error: no database\nat main.js:1']) {
      expect(alert.textContent).toContain(part)
    }
  })

  it('shows nothing while the session is idle', () => {
    const { container } = render(<SessionBackendStatus session={idleSession} />)
    expect(container.innerHTML).toBe('')
  })
})
