import { describe, expect, it } from 'vitest'
import { Client, startPlatform } from '../support/platform.ts'

/** The values of one metric, by its labels. */
async function valuesOf(client: Client, name: string): Promise<Record<string, number>> {
  const text = await (await client.call('/metrics')).text()
  const lines = text.split('\n').filter((line) => line.startsWith(`session_backend_${name}{`))
  return Object.fromEntries(
    lines.map((line) => {
      const [, labels = '', value] = /^[^{]+\{(.*)\} (\S+)$/.exec(line) ?? []
      return [labels.replaceAll('"', ''), Number(value)]
    }),
  )
}

describe('GET /metrics', () => {
  it('needs the access token', async () => {
    const { url } = await startPlatform()
    expect((await fetch(`${url}/metrics`)).status).toBe(401)
  })

  it('counts the backends that run, were spawned and have ended, and the time that they took to be Ready', async () => {
    const client = new Client(await startPlatform())
    const session = await client.ready({ lock: 'a' }, 'memory')
    await client.ready({ lock: 'b' }, 'memory')
    await client.terminate(session)
    await client.until(session)
    expect(await valuesOf(client, 'backends')).toMatchObject({
      'service=memory,status=Loading': 0,
      'service=memory,status=Ready': 1,
      'service=editor,status=Ready': 0,
    })
    expect(await valuesOf(client, 'connections')).toEqual({ 'service=editor': 0, 'service=memory': 0 })
    expect(await valuesOf(client, 'warm_backends')).toEqual({ 'service=editor': 0, 'service=memory': 0 })
    expect(await valuesOf(client, 'spawns_total')).toEqual({ 'service=memory': 2 })
    expect(await valuesOf(client, 'ends_total')).toEqual({ 'service=memory,status=Terminated': 1 })
    expect(await valuesOf(client, 'time_to_ready_seconds_count')).toEqual({ 'service=memory': 2 })
    const buckets = Object.values(await valuesOf(client, 'time_to_ready_seconds_bucket'))
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b))
    expect(buckets.at(-1)).toBe(2)
  })

  it('is in the format that Prometheus reads: each metric once, with its help and type before its values', async () => {
    const client = new Client(await startPlatform())
    await client.ready({}, 'memory')
    const answer = await client.call('/metrics')
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await answer.text()
    expect(text).toMatch(/\n$/)
    let current = ''
    const seen = new Set<string>()
    for (const line of text.trimEnd().split('\n')) {
      const [, help] = /^# HELP (\S+) \S/.exec(line) ?? []
      if (help !== undefined) {
        expect(seen).not.toContain(help)
        seen.add(help)
        current = help
      } else if (line.startsWith('#')) expect(line).toMatch(`# TYPE ${current} `)
      else
        expect(line).toMatch(
          new RegExp(`^${current}(?:_bucket|_sum|_count)?\\{(?:\\w+="[^"]*",?)+\\} [\\d.e-]+$`),
        )
    }
    expect(seen.size).toBe(6)
  })
})
