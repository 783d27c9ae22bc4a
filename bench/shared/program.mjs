// @ts-check
import { fork } from 'node:child_process'
import { once } from 'node:events'

/**
 * `cpu` is in µs, `rss` and `heap` in bytes: after a collection, where the program runs with --expose-gc.
 * @typedef {{ cpu: number, calls: number, rss: number, heap: number }} Usage
 */
/** @typedef {{ url: string, mount: string, usage(): Promise<Usage>, close(): Promise<void> }} Program */

/**
 * Starts a program as its own process, which tells its URL by a message.
 * @param {string} path
 * @param {{ env?: Record<string, string>, args?: string[], execArgv?: string[], silent?: boolean }} options
 * @returns {Promise<Program>}
 */
export async function startProgram(path, { env = {}, args = [], execArgv = [], silent = false } = {}) {
  const child = fork(path, args, {
    execArgv,
    silent,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
  })
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`${path} exited with ${code}.`)
  })
  failed.catch(() => {})
  const [{ url }] = await Promise.race([once(child, 'message'), failed])
  return {
    url,
    mount: '/api/sessions',
    async usage() {
      child.send('usage')
      for (;;) {
        const [usage] = await Promise.race([once(child, 'message'), failed])
        // Some servers also tell a process manager that they are ready.
        if (typeof usage.cpu === 'number') return usage
      }
    },
    async close() {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}
