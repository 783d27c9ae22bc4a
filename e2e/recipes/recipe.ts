import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createMockPlatform } from '@session-backend/mock-platform'
import { jamsocket } from '@session-backend/server'
import { onTestFinished } from 'vitest'

const DOCUMENT = join(import.meta.dirname, '../../docs/url-prefix.md')

/** The code blocks of a recipe in `docs/url-prefix.md`, in their order. */
export async function recipe(heading: string): Promise<string[]> {
  const text = await readFile(DOCUMENT, 'utf8')
  const [, section] = text.split(`\n### ${heading}\n`)
  if (section === undefined) throw new Error(`docs/url-prefix.md must have a recipe "${heading}".`)
  const [body = ''] = section.split(/\n##+ /, 1)
  return [...body.matchAll(/^```\w+\n(.*?)^```$/gms)].map(([, code = '']) => code)
}

/** Runs a program as the service of a platform, and resolves to the URL of a backend of it. */
export async function openBackend(
  script: string,
  { cwd, urls, env }: { cwd: string; urls: 'path' | 'subdomain'; env?: Record<string, string> },
): Promise<string> {
  const platform = await createMockPlatform({
    urls,
    startTimeoutSeconds: 60,
    services: { app: { command: ['sh', '-c', script], cwd, env, staticToken: true } },
  })
  onTestFinished(() => platform.close())
  const client = jamsocket.fromEnv(platform.env('app'))
  onTestFinished(() => client.close())
  const { url, name } = await client.spawn({})
  for await (const { state } of client.statusStream(name)) {
    if (state === 'Ready') return url
  }
  const log: string[] = []
  for await (const line of client.logs(name)) log.push(line)
  throw new Error(`The backend must become Ready, got:\n${log.join('\n')}`)
}
