import { jamsocket } from '@session-backend/server'
import { expect, it, onTestFinished } from 'vitest'
import { startPlatform } from './support/platform.ts'

it('gives an app the environment by which it finds the platform', async () => {
  const platform = await startPlatform()
  const client = jamsocket.fromEnv(platform.env('editor'))
  onTestFinished(() => client.close())
  expect(await client.spawn({ lock: 'doc' })).toMatchObject({ spawned: true })
})

it('gives no environment for a service that it hasn’t got', async () => {
  const platform = await startPlatform()
  expect(() => platform.env('editr')).toThrow('`service` must be one of editor, memory, got "editr".')
})
