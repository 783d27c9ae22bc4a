import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'

const run = promisify(execFile)
const script = join(import.meta.dirname, '../scripts/words.mjs')

/** A repository with one page. */
async function createRepository(page: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'words-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await run('git', ['init', '--quiet', folder])
  await writeFile(join(folder, 'page.md'), page)
  return folder
}

// In parts, so that the script doesn't find them here.
it.each([
  ['authori', 'se'],
  ['Authori', 'sation'],
  ['Told', ' of'],
  ['where', ' nobody'],
  ["hasn't", ' got'],
  ['time-', 'outs'],
  ['what', 'ever'],
  ['the newer', ' API'],
])('npm test names the page and the line of "%s%s", and fails', async (...parts) => {
  const folder = await createRepository(`# Page\n\nA sentence with ${parts.join('')} in it.\n`)
  await expect(run(process.execPath, [script, folder])).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining('page.md:3: "'),
  })
})

it('npm test accepts plain words', async () => {
  const folder = await createRepository(
    'The app authorizes the user, and the timeout is 10 s. It got nothing else.\n',
  )
  expect((await run(process.execPath, [script, folder])).stdout).toBe('')
})
