import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { awaitAssignment } from '../../src/assignment/assignment.ts'
import { fencedFile } from '../../src/index.ts'
import { createRunBackend } from '../../src/run-backend.ts'
import { temporaryFolder } from '../support/program.ts'

const [, SECTION = ''] = readFileSync(
  join(import.meta.dirname, '../../../../docs/troubleshooting.md'),
  'utf8',
).split('\n## What a backend says that you start by hand\n')
const ROWS = Array.from(SECTION.matchAll(/^\| `(.+?)` +\|/gm), ([, message = '']) => message)

/** Starts a backend without a platform, as `node backend.ts` does in a terminal. Returns its error. */
async function startByHand(folder: string, env: Record<string, string>): Promise<unknown> {
  const runBackend = createRunBackend({
    assignment: () => awaitAssignment({ env }),
    identity: () => undefined,
    onStop: (stop) => onTestFinished(() => void stop(AbortSignal.timeout(1_000))),
    end: async () => {},
  })
  const starting = runBackend({
    storage: fencedFile(folder),
    open: (saved: unknown) => saved ?? {},
    authorize: () => ({}),
    message() {},
  })
  return starting.then(() => undefined).catch((error: unknown) => error)
}

it('says what to do if its port is taken, as docs/troubleshooting.md has it', async () => {
  const other = createServer().listen(0)
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address ? String(address.port) : ''
  expect(await startByHand(await temporaryFolder(), { PORT: port })).toMatchObject({
    code: 'invalid_option',
    message: ROWS[0]?.replace('8080', port),
    cause: { code: 'EADDRINUSE' },
  })
})

it('says what to do if a backend of the platform owns the document, as docs/troubleshooting.md has it', async () => {
  const folder = await temporaryFolder()
  await fencedFile(folder).read(1795762384873)
  expect(await startByHand(folder, { PORT: '0' })).toMatchObject({
    code: 'outdated_fencing_token',
    message: ROWS[1],
  })
})
