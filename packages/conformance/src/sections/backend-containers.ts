import assert from 'node:assert/strict'
import { RESERVED_ENV } from '@session-backend/core/internal'
import type { Section } from '../case.ts'
import { jsonOf, type PlatformUnderTest } from '../platform.ts'

async function fencingToken(platform: PlatformUnderTest, lock: string): Promise<bigint> {
  const session = await platform.spawn({ lock })
  const token = (await platform.env(session)).SESSION_BACKEND_FENCING_TOKEN
  assert.match(String(token), /^\d+$/)
  await platform.terminate(session)
  await platform.until(session, 'Terminated')
  return BigInt(String(token))
}

export const backendContainers: Section = {
  heading: 'Backend Containers',
  rows: [
    {
      row: 'Backends must listen on the port provided by the PORT env var',
      title: 'a backend that listens there becomes Ready, and is reached',
      async run(platform) {
        const { PORT } = await platform.env(await platform.ready())
        assert(Number(PORT) > 0 && Number(PORT) < 65_536, String(PORT))
      },
    },
    {
      row: 'PORT (always 8080) - this is the port that session backend requests will be proxied to.',
      title: 'it is the port that backends have here, for two at once',
      needs: 'port',
      async run(platform) {
        for (const session of [await platform.ready(), await platform.ready()]) {
          assert.equal((await platform.env(session)).PORT, String(platform.options.port))
        }
      },
    },
    {
      row: 'JAMSOCKET_SERVICE - this is your Jamsocket service’s name.',
      title: 'it names the service of the spawn',
      async run(platform) {
        assert.equal((await platform.env(await platform.spawn())).JAMSOCKET_SERVICE, platform.options.service)
      },
    },
    {
      row: 'SESSION_BACKEND_ID - a short, unique alphanumeric ID for your backend.',
      title: 'it is the name in the answer to spawn',
      async run(platform) {
        const session = await platform.spawn()
        assert.equal((await platform.env(session)).SESSION_BACKEND_ID, session.name)
        assert.match(session.name, /^[a-zA-Z0-9]{1,32}$/)
      },
    },
    {
      row: 'SESSION_BACKEND_KEY - this is the lock your backend was spawned with.',
      title: 'it is the lock, character for character',
      async run(platform) {
        const lock = `${platform.newLock()} "🦊" $x`
        assert.equal((await platform.env(await platform.spawn({ lock }))).SESSION_BACKEND_KEY, lock)
      },
    },
    {
      row: 'SESSION_BACKEND_FENCING_TOKEN - this is a number that increases every time the lock is assigned.',
      title: 'three backends after one another have three rising numbers',
      async run(platform) {
        const lock = platform.newLock()
        const first = await fencingToken(platform, lock)
        const second = await fencingToken(platform, lock)
        const third = await fencingToken(platform, lock)
        assert(first < second && second < third, `${first}, ${second}, ${third}`)
      },
    },
    {
      row: 'Env vars with these names passed by the user when spawning will be overridden by the platform-provided values.',
      title: 'the platform’s values win',
      async run(platform) {
        const lock = platform.newLock()
        const forged = Object.fromEntries(RESERVED_ENV.map((name) => [name, '1']))
        const session = await platform.spawn({ lock, env: { ...forged, CONFORMANCE_OTHER: 'kept' } })
        const env = await platform.env(session)
        assert.equal(env.JAMSOCKET_SERVICE, platform.options.service)
        assert.equal(env.SESSION_BACKEND_ID, session.name)
        assert.equal(env.SESSION_BACKEND_KEY, lock)
        assert.notEqual(env.PORT, '1')
        assert.equal(env.CONFORMANCE_OTHER, 'kept')
      },
    },
    {
      row: 'Currently Jamsocket will only allow HTTP requests and Sockets connections to be proxied to the backend.',
      title: 'an HTTP request arrives whole: method, path, query, header and body',
      async run(platform) {
        const session = await platform.spawn()
        const response = await platform.reach(session, 'request?a=1&b=%20%2F', {
          method: 'PUT',
          headers: { 'x-conformance': 'yes', 'content-type': 'text/plain' },
          body: 'Zoë 🦊'.repeat(10_000),
        })
        const { method, url, headers, body } = await jsonOf(response)
        assert.deepEqual([method, url, body], ['PUT', '/request?a=1&b=%20%2F', 'Zoë 🦊'.repeat(10_000)])
        assert.equal(Object(headers)['x-conformance'], 'yes')
      },
    },
    {
      row: 'Currently Jamsocket will only allow HTTP requests and Sockets connections to be proxied to the backend.',
      title: 'what the backend streams arrives while it is still open',
      async run(platform) {
        const response = await platform.reach(await platform.spawn(), 'events')
        assert(response.ok && response.body)
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
        assert.equal((await reader.read()).value, 'data: hello\n\n')
        await reader.cancel()
      },
    },
    {
      row: 'Currently Jamsocket will only allow HTTP requests and Sockets connections to be proxied to the backend.',
      title: 'a WebSocket carries messages both ways',
      needs: 'WebSocket',
      async run(platform) {
        const socket = await platform.connect(await platform.ready(), 'socket?a=1')
        for (const message of ['hello', 'Zoë 🦊'.repeat(1000)]) {
          const echo = new Promise((resolve) =>
            socket.addEventListener('message', ({ data }) => resolve(data)),
          )
          socket.send(message)
          const echoed = await Promise.race([echo, aborted(platform.signal)])
          assert.equal(String(echoed), message)
        }
      },
    },
  ],
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
