import { isRecord } from '@session-backend/core/internal'

/** Speaks W3C WebDriver with one session: https://www.w3.org/TR/webdriver2/. */
export class WebDriver {
  private constructor(
    private readonly base: string,
    readonly home: string,
  ) {}

  static async start(driverUrl: string, capabilities: object): Promise<WebDriver> {
    const session = await send(`${driverUrl}/session`, 'POST', {
      capabilities: { alwaysMatch: capabilities },
    })
    if (!isRecord(session)) throw new Error(`WebDriver opened no session: ${JSON.stringify(session)}`)
    const base = `${driverUrl}/session/${session.sessionId}`
    return new WebDriver(base, String(await send(`${base}/window`, 'GET')))
  }

  post(path: string, body: object = {}): Promise<unknown> {
    return send(`${this.base}${path}`, 'POST', body)
  }

  get(path: string): Promise<unknown> {
    return send(`${this.base}${path}`, 'GET')
  }

  delete(path: string): Promise<unknown> {
    return send(`${this.base}${path}`, 'DELETE')
  }
}

async function send(url: string, method: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(60_000),
    ...(body && { body: JSON.stringify(body) }),
  })
  const answer: unknown = await response.json()
  const value = isRecord(answer) ? answer.value : undefined
  if (!response.ok) throw new Error(`WebDriver: ${method} ${new URL(url).pathname}: ${JSON.stringify(value)}`)
  return value
}
