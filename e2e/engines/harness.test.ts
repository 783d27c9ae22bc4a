import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'

const HARNESS = `${import.meta.dirname}/../../scripts/engines/docker.mjs`

describe.skipIf(process.env.NO_ENGINES)('the engine of these tests', () => {
  it.each(['SIGKILL', 'SIGINT'] as const)(
    'ends with the process that started it, also by %s',
    async (signal) => {
      const program = `
      import { startDocker } from ${JSON.stringify(HARNESS)}
      console.log((await startDocker()).host)
      setInterval(() => {}, 1_000)
    `
      const child = spawn(process.execPath, ['--input-type=module', '-e', program])
      child.stdout.setEncoding('utf8')
      const [host] = await once(child.stdout, 'data')
      const folder = host.trim().replace('unix://', '').replace('/docker.sock', '')
      expect(existsSync(folder)).toBe(true)
      child.kill(signal)
      await vi.waitFor(() => expect(existsSync(folder)).toBe(false), { timeout: 30_000, interval: 50 })
      expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(folder)
    },
  )
})
