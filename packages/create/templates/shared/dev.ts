// npm run dev: runs the platform on this machine, then the app with the variables by which it finds the
// platform.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createMockPlatform, endOnSignal } from '@session-backend/mock-platform'

const [command = '', ...args] = process.argv.slice(2)
const platform = await createMockPlatform({
  dataDir: '.data/platform',
  services: {
    board: {
      command: [process.execPath, '--import', 'tsx', 'backend.ts'],
      watch: ['backend.ts', 'protocol.ts'],
    },
  },
})
const app = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...platform.env('board') } })
const ended = once(app, 'exit')
console.log(`The backends: ${platform.url}`)

async function close() {
  app.kill()
  const [code] = await ended
  await platform.close()
  process.exit(code ?? 0)
}
endOnSignal(close)
await ended
await close()
