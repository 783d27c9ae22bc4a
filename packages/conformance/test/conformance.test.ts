import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { platformConformance } from '@session-backend/conformance'
import { BACKEND_STATUSES } from '@session-backend/core'
import { RESERVED_ENV } from '@session-backend/core/internal'
import { afterEach, describe, expect, it } from 'vitest'

const everything = {
  baseUrl: 'http://127.0.0.1:9',
  account: 'acme',
  token: 'sekret',
  service: 'editor',
  otherService: 'whiteboard',
  brokenService: 'broken',
  tag: 'v2',
  startTimeoutSeconds: 1,
  port: 8080,
  lose: async () => {},
  WebSocket: class {
    addEventListener() {}
    send() {}
    close() {}
  },
}

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

describe('the conformance suite', () => {
  it('has cases under every heading of the specification, and for what it leaves to other documents', () => {
    expect([...new Set(platformConformance(everything).map(({ section }) => section))]).toEqual([
      'Check authentication credentials',
      'Create service',
      'Get a list of services',
      'Spawn a backend',
      'Fetch a backend holding a given lock',
      'Get a backend’s logs',
      'Get a backend’s status stream',
      'Backend statuses',
      'Get a backend’s current status',
      'Backend ready page',
      'Terminate a backend',
      'CORS',
      'Backend Containers',
      'Connection URL',
      'HTTP API',
    ])
  })

  it('has a case for each status and each reserved variable', () => {
    const rows = platformConformance(everything).map(({ row }) => row)
    const quoted = (name: string) => rows.some((row) => row.startsWith(name))
    expect([...BACKEND_STATUSES, ...RESERVED_ENV].filter((name) => !quoted(`${name} `))).toEqual([])
  })

  it('names each case once', () => {
    const names = platformConformance(everything).map(({ section, title }) => `${section}: ${title}`)
    expect(names).toEqual([...new Set(names)])
  })

  it('says which option a case that is skipped needs', () => {
    const { baseUrl, account, token, service } = everything
    const skipped = platformConformance({ baseUrl, account, token, service }).flatMap(
      ({ skip }) => skip ?? [],
    )
    expect(skipped).toEqual(
      expect.arrayContaining(['needs the option tag', 'needs the option brokenService']),
    )
    expect(platformConformance(everything).filter(({ skip }) => skip)).toEqual([])
  })

  it.each([
    ['nothing', 404, '', /^$/],
    ['{"status":"ok"}', 200, '{"status":"ok"}', /the token of the account is valid/],
    [
      'an error body',
      401,
      '{"error":{"message":"m","status":401,"code":"c","id":"i"}}',
      /is refused|and another scheme are not/,
    ],
  ])('lets a platform that always answers %s pass next to nothing', async (_what, status, body, expected) => {
    const server = createServer((_request, response) => {
      response
        .writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*' })
        .end(body)
    })
    closing.push(() => server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const passed: string[] = []
    for (const { section, title, run } of platformConformance({ ...everything, baseUrl })) {
      await run(AbortSignal.timeout(5000)).then(
        () => passed.push(`${section}: ${title}`),
        () => {},
      )
    }
    expect(passed.filter((title) => !expected.test(title))).toEqual([])
  })
})

describe('the backend under test', () => {
  async function start(env: Record<string, string> = {}) {
    const program = new URL('../backend.mjs', import.meta.url)
    const child = spawn(process.execPath, [fileURLToPath(program)], { env: { PORT: '0', ...env } })
    closing.push(() => child.kill('SIGKILL'))
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
    return { child, url: `http://127.0.0.1:${/^listening on (\d+)\n$/.exec(String(line))?.[1]}` }
  }

  it('answers with the variables that a platform passes, and no others', async () => {
    const { url } = await start({ SESSION_BACKEND_ID: 'b', CONFORMANCE_A: 'a', SECRET: 's' })
    expect(await (await fetch(`${url}/env`)).json()).toEqual({
      PORT: '0',
      SESSION_BACKEND_ID: 'b',
      CONFORMANCE_A: 'a',
    })
  })

  it('exits as it is told to, after its answer', async () => {
    for (const [query, expected] of [
      ['code=3', [3, null]],
      ['signal=SIGKILL', [null, 'SIGKILL']],
    ] as const) {
      const { child, url } = await start()
      const exited = once(child, 'exit')
      expect(await (await fetch(`${url}/exit?${query}`, { method: 'POST' })).json()).toEqual({ status: 'ok' })
      expect(await exited).toEqual(expected)
    }
  })

  it('logs what it is sent', async () => {
    const { child, url } = await start()
    for (const [to, stream] of [
      ['stdout', child.stdout],
      ['stderr', child.stderr.setEncoding('utf8')],
    ] as const) {
      const logged = once(stream, 'data')
      await (await fetch(`${url}/log?to=${to}`, { method: 'POST', body: `to ${to}` })).text()
      expect(await logged).toEqual([`to ${to}\n`])
    }
  })
})
