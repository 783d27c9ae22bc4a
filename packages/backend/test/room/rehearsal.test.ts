import { Server } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { awaitAssignment } from '../../src/assignment/assignment.ts'
import { Connection } from '../../src/room/connection.ts'
import { rehearse } from '../../src/room/rehearsal.ts'
import { temporaryFolder } from '../support/program.ts'
import { openWarmPool } from '../support/warm-pool.ts'

it('lets a page into an empty room that only this machine can reach, and leaves nothing open', async () => {
  const listen = vi.spyOn(Server.prototype, 'listen')
  onTestFinished(() => listen.mockRestore())
  const send = vi.spyOn(Connection.prototype, 'send')
  onTestFinished(() => send.mockRestore())
  await rehearse()
  expect(listen).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ host: '127.0.0.1', port: 0 }))
  expect(send).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^\["welcome"/))
  expect(listen.mock.contexts.map((server) => server instanceof Server && server.listening)).toEqual([false])
})

it('does not keep a process from being warm when it cannot listen', async () => {
  const listen = vi.spyOn(Server.prototype, 'listen').mockImplementation(() => {
    throw new Error('No ports here.')
  })
  onTestFinished(() => listen.mockRestore())
  await expect(rehearse()).resolves.toBeUndefined()
})

it('happens before a process says that it is warm, and never if it starts with its document', async () => {
  const path = join(await temporaryFolder(), 'pool.sock')
  const pool = await openWarmPool(path)
  const rehearsed = vi.fn(async () => {
    await rehearse()
    expect(pool.said).toEqual([])
  })
  const assigned = awaitAssignment({ env: { SESSION_BACKEND_SOCKET: path } }, rehearsed)
  await pool.hears('Warmed')
  expect(rehearsed).toHaveBeenCalledOnce()
  pool.assign({ backend_id: 'a', key: null, fencing_token: null, static_token: null, env: {} })
  expect(await assigned).toMatchObject({ warm: true })

  await awaitAssignment({ env: {} }, rehearsed)
  expect(rehearsed).toHaveBeenCalledOnce()
})
