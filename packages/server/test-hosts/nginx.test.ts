import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockPlatform } from '@session-backend/mock-platform'
import { expect, it, onTestFinished } from 'vitest'
import { createSessionBackends } from '../src/index.ts'
import { jamsocket } from '../src/jamsocket.ts'
import { nodeHandler } from '../src/node.ts'
import { startGate } from '../test/support/gate.ts'
import { hostScenarios } from '../test/support/host-scenarios.ts'
import { close, listen, listening } from '../test/support/listen.ts'

const FIRST_BYTE = hostScenarios.find(({ name }) => name.includes('first byte'))

it("sends a stream's first byte within a second through nginx, which compresses everything", async ({
  skip,
}) => {
  if (spawnSync('nginx', ['-v']).status !== 0) return skip('There is no nginx on this machine.')
  const platform = await createMockPlatform({ services: { editor: { serve: () => {} } } })
  onTestFinished(() => platform.close())
  const gate = await startGate(platform.url)
  onTestFinished(() => gate.close())
  const { account, token } = platform
  const sessionBackends = createSessionBackends({
    platform: jamsocket({ account, token, service: 'editor', apiUrl: gate.url }),
    authorize: () => true,
  })
  onTestFinished(() => sessionBackends.close())
  const origin = await listen(nodeHandler(sessionBackends))
  const url = await startNginx(origin)
  // Otherwise the test proves nothing: this nginx does compress what the app answers.
  const headers = { 'accept-encoding': 'gzip' }
  const answer = await fetch(`${url}/api/sessions/nobody/status`, { headers })
  expect(answer.headers.get('content-encoding')).toBe('gzip')
  await answer.body?.cancel()
  await FIRST_BYTE?.run({ url: `${url}/api/sessions`, liveUrl: '', gate, collect: () => {} })
})

/** Serves what `origin` answers, compressed. */
async function startNginx(origin: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'session-backend-nginx-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
    events {}
    http {
      access_log off;
      client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
      uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
      gzip on; gzip_types *; gzip_min_length 0; gzip_proxied any;
      server { listen 127.0.0.1:${port}; location / { proxy_pass ${origin}; proxy_set_header Host $http_host; } }
    }`,
  )
  const nginx = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'inherit' })
  onTestFinished(async () => {
    nginx.kill('SIGKILL')
    if (nginx.exitCode === null) await once(nginx, 'exit')
  })
  const url = `http://127.0.0.1:${port}`
  for (;;) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended with ${nginx.exitCode}.`)
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return url
  }
}

/** nginx takes no port 0. */
async function freePort(): Promise<string> {
  const server = createServer()
  const { port } = new URL(await listening(server))
  await close(server)
  return port
}
