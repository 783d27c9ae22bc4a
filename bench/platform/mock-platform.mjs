// @ts-check
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const bin = join(
  dirname(createRequire(import.meta.url).resolve('@session-backend/mock-platform/package.json')),
  'bin/mock-platform.js',
)
const TOKEN = 'sekret'
const probe = pathToFileURL(join(import.meta.dirname, 'programs/probe.mjs')).href

/** @typedef {{ name: string, url: string, status_url: string }} Session */
/** @typedef {Awaited<ReturnType<typeof startPlatform>>} Platform */

/**
 * Starts the shipped program as its own process, with a service for each of some programs.
 * @param {string[]} flags Of node.
 * @param {{ names?: string[], folder?: string, warm?: number }} services Which, where they are, and how many of each wait in
 * its pool.
 */
export async function startPlatform(
  flags = [],
  { names = ['tiny', 'echo', 'slow-end'], folder = join(import.meta.dirname, 'programs'), warm = 0 } = {},
) {
  const programs = names.flatMap((name) => [
    '--service',
    `${name}=${process.execPath} '${join(folder, `${name}.mjs`)}'`,
  ])
  const args = [
    '--port',
    '0',
    '--account',
    'acme',
    '--token',
    TOKEN,
    '--log-level',
    'error',
    ...programs,
    '--warm',
    String(warm),
  ]
  const child = fork(bin, args, { silent: true, execArgv: ['--import', probe, ...flags] })
  child.stderr?.pipe(process.stderr)
  if (!child.stdout) throw new Error('The platform has no output.')
  const [line] = await once(createInterface(child.stdout), 'line')
  const url = String(line).replace(/^.* /, '')
  const headers = { authorization: `Bearer ${TOKEN}` }
  /** @param {string} service @param {object} options @returns {Promise<Session>} */
  async function spawn(service, options = {}) {
    const answer = await fetch(`${url}/user/acme/service/${service}/spawn`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(options),
    })
    if (!answer.ok) throw new Error(`Spawn was answered with ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
  return {
    url,
    token: TOKEN,
    spawn,
    /** @param {string} service */
    async ready(service) {
      const session = await spawn(service, { grace_period_seconds: 3600 })
      await (await fetch(session.url)).arrayBuffer()
      return session
    },
    /** @param {Pick<Session, 'name'>} session */
    async terminate({ name }) {
      await (await fetch(`${url}/backend/${name}/terminate`, { method: 'POST', headers })).arrayBuffer()
    },
    /** How many backends wait in the warm pools. */
    async waiting() {
      const metrics = await (await fetch(`${url}/metrics`, { headers })).text()
      return [...metrics.matchAll(/^session_backend_warm_backends\{.*\} (\d+)$/gm)].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      )
    },
    /** @returns {Promise<import('../shared/program.mjs').Usage>} */
    async usage() {
      child.send('usage')
      const [usage] = await once(child, 'message')
      return usage
    },
    async close() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}
