import { onTestFinished } from 'vitest'
import { createSessionBackends, type SessionBackends, type SessionBackendsOptions } from '../../src/index.ts'
import { type FakePlatform, fakePlatform } from './fake-platform.ts'

/** A line of the app's log. */
export interface LogLine {
  details: object
  message: string
}

/** Session backends on a platform of this process, and what is needed to ask them. */
export interface TestApp extends Pick<SessionBackends, 'connect' | 'close'> {
  sessionBackends: SessionBackends
  platform: FakePlatform
  log: LogLine[]
  /** Sends a request below the mount. */
  send(path: string, init?: RequestInit): Promise<Response>
}

export function createApp({
  platform = fakePlatform(),
  ...options
}: Partial<Omit<SessionBackendsOptions, 'platform'>> & { platform?: FakePlatform } = {}): TestApp {
  const log: LogLine[] = []
  const sessionBackends = createSessionBackends({
    platform,
    authorize: ({ request }) => ({ user: request.headers.get('x-user') ?? 'alice' }),
    logger: { error: (details, message) => log.push({ details, message }) },
    ...options,
  })
  onTestFinished(() => sessionBackends.close())
  return {
    ...sessionBackends,
    sessionBackends,
    platform,
    log,
    send: (path, init) => sessionBackends.handle(new Request(`http://app.test/api/sessions${path}`, init)),
  }
}

/** The code of an error answer. */
export async function codeOf(response: Response): Promise<unknown> {
  return (await response.json()).error?.code
}

export const POST = { method: 'POST' }
