import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import { createSessionBackends, jamsocket } from '@session-backend/server'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { PAGES, readSnippets, type Snippet } from '../snippets.ts'
import { createSnippetFolder, type SnippetFolder } from './snippet-folder.ts'

const root = join(import.meta.dirname, '../..')

/** Runs a program to its end. What it says of a failure is compared, and not thrown: it has stacks of other files. */
const run = (args: string[], cwd: string, env: NodeJS.ProcessEnv) =>
  new Promise<{ failure: string | undefined; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, args, { cwd, env, timeout: 240_000 }, (error, stdout, stderr) =>
      resolve({ failure: error?.message.split('\n')[0], stdout, stderr }),
    )
  })
const TSX = ['--import', import.meta.resolve('tsx')]
const SECRETS = ['the-new-secret-of-the-app', 'the-old-secret-of-the-app']
const BROWSER = ['--import', pathToFileURL(join(import.meta.dirname, 'browser-globals.mjs')).href]

/** Why some snippets can't run here, and what runs them. */
const ELSEWHERE: readonly [pattern: RegExp, reason: string][] = [
  [/^\/\/ before/, 'is the official SDK'],
  [/createMockPlatform.*\bimage: /s, 'needs Docker: npm run test:engines runs such containers'],
  [/from 'next\/headers'/, 'needs Next: e2e/published/templates.test.ts has such a page'],
  [/^\/\/ start\.mjs/, 'needs an app that Next has built: e2e/engines/next-standalone.test.ts runs it'],
]

const LISTENS = /await runBackend\(|listen\((process\.env\.PORT|port|assignment\.port)\b/

function kindOf({ code }: Snippet): 'test' | 'backend' | 'module' {
  if (/from 'vitest'/.test(code)) return 'test'
  return LISTENS.test(code) ? 'backend' : 'module'
}

const pages = PAGES.map((page) => ({ page, snippets: readSnippets(page) })).filter(
  // The quickstart has its own test.
  ({ page, snippets }) => snippets.length > 0 && page !== 'docs/start.md',
)

describe.each(pages)('the snippets of $page', { timeout: 300_000 }, ({ page, snippets }) => {
  let folder: SnippetFolder
  let platform: MockPlatform

  beforeAll(async () => {
    const conformance = join(root, 'packages/conformance/backend.mjs')
    platform = await createMockPlatform({
      services: { editor: { serve: () => {} }, conformance: { command: ['node', conformance] } },
    })
    // The ports may be other programs'.
    const onFreePorts = (code: string) =>
      code.replaceAll('listen(3000)', 'listen(0)').replaceAll('http://127.0.0.1:8080', platform.url)
    const here = snippets.map((snippet) => ({ ...snippet, code: onFreePorts(snippet.code) }))
    folder = await createSnippetFolder(page, here)
  })
  afterAll(async () => {
    await platform?.close()
    await folder?.remove()
  })

  it.for(snippets)('$title runs as it stands', async (snippet, { skip }) => {
    const [, reason] = ELSEWHERE.find(([pattern]) => pattern.test(snippet.code)) ?? []
    skip(reason !== undefined, reason)
    await RUN[kindOf(snippet)](snippet)
  })

  const RUN = {
    async module({ file, code }: Snippet) {
      const isPage = code.includes("'@session-backend/react")
      const main = `await import(${JSON.stringify(pathToFileURL(join(folder.path, file)).href)}); process.exit()`
      const args = [...TSX, ...(isPage ? BROWSER : []), '--input-type=module', '--eval', main]
      const env = { ...process.env, ...platform.env('editor'), SESSION_SECRETS: SECRETS.join(',') }
      expect(await run(args, folder.path, env)).toMatchObject({ failure: undefined, stderr: '' })
    },

    async backend({ file }: Snippet) {
      const { path } = folder
      const env = { BOARD_FOLDER: path, HISTORY_FOLDER: path, NOTES_FOLDER: path }
      const own = await createMockPlatform({
        services: { snippet: { command: [process.execPath, ...TSX, join(path, file)], env } },
      })
      onTestFinished(() => own.close())
      const sessionBackends = createSessionBackends({
        platform: jamsocket.fromEnv(own.env('snippet')),
        authorize: () => ({ user: 'ada' }),
      })
      onTestFinished(() => sessionBackends.close())
      const { statusUrl } = await sessionBackends.connect('doc-1', { headers: {} })
      await expect
        .poll(async () => (await fetch(statusUrl)).json(), { timeout: 60_000 })
        .toMatchObject({ state: 'Ready' })
    },

    async test({ file }: Snippet) {
      const { url, account, token } = platform
      const env = { ...process.env, PLATFORM_URL: url, PLATFORM_ACCOUNT: account, PLATFORM_TOKEN: token }
      const vitest = join(root, 'node_modules/vitest/vitest.mjs')
      const args = [vitest, 'run', '--root', folder.path, '--dir', folder.path, file]
      const result = await run(args, folder.path, env)
      expect(result, result.stdout).toMatchObject({ failure: undefined })
    },
  }
})
