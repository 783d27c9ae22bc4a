import { join } from 'node:path'
import { createMockPlatform } from '@session-backend/mock-platform'
import { createSessionBackends, jamsocket } from '@session-backend/server'
import { expect, it, onTestFinished } from 'vitest'
import { bundle, temporaryFolder } from '../support/program.ts'

it("opens documents in the mock platform's warm pool, and in new processes once nobody waits, with their traces", async () => {
  // Three processes or more start one after the other, which takes long on a busy machine.
  const program = await bundle(join(import.meta.dirname, '../fixtures/ws.ts'), await temporaryFolder())
  const platform = await createMockPlatform({
    services: { editor: { command: [process.execPath, program], warm: 1 } },
  })
  onTestFinished(() => platform.close())
  const sessionBackends = createSessionBackends({
    platform: jamsocket.fromEnv(platform.env('editor')),
    authorize: () => true,
    spawn: ({ documentId }) => ({ env: { COLOR: `of ${documentId}` } }),
  })
  onTestFinished(() => sessionBackends.close())
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const request = new Request('http://app.example/', { headers: { traceparent } })
  const open = async (documentId: string) => {
    const { name, url } = await sessionBackends.connect(documentId, { request })
    expect(await (await fetch(url)).json()).toMatchObject({
      ...{ id: name, color: `of ${documentId}` },
      traceparent,
    })
    const headers = { authorization: `Bearer ${platform.token}` }
    await fetch(`${platform.url}/backend/${name}/terminate`, { method: 'POST', headers })
    return (await fetch(`${platform.url}/backend/${name}/logs`, { headers })).text()
  }
  const logs = [await open('one'), await open('two'), await open('three')]
  while (!logs.some((log) => !log.includes('started cold'))) logs.push(await open(`${logs.length}`))
  expect(logs.some((log) => log.includes('started cold'))).toBe(true)
}, 60_000)
