// @ts-check
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** @typedef {{ url: string, mount: string, usage(): Promise<{ cpu: number, calls: number }>, close(): Promise<void> }} Program */

/**
 * Starts one of the programs in `apps` as a process of its own.
 * @param {string} file
 * @param {Record<string, string>} env
 * @returns {Promise<Program>}
 */
export async function startProgram(file, env) {
  const child = fork(join(import.meta.dirname, 'apps', file), {
    // What Next prints about itself is not asked for.
    silent: file === 'next.mjs',
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
  })
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} exited with ${code}.`)
  })
  failed.catch(() => {})
  const [{ url }] = await Promise.race([once(child, 'message'), failed])
  return {
    url,
    mount: '/api/sessions',
    async usage() {
      child.send('usage')
      const [usage] = await Promise.race([once(child, 'message'), failed])
      return usage
    },
    async close() {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}
