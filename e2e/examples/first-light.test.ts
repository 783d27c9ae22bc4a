import { describe, expect, it, vi } from 'vitest'
import { backendsOf, startEditor } from '../example.ts'
import { describeFirstLight } from '../first-light.ts'

const WAIT = { timeout: 20_000, interval: 50 }

describeFirstLight('two browsers on one document', { start: startEditor, patience: WAIT.timeout })

describe('Ctrl-C', () => {
  it('ends the example and every backend', async () => {
    const example = await startEditor({ 'plan.md': '# Plan\n' })
    const response = await fetch(new URL('/api/sessions/plan.md', example.url), { method: 'POST' })
    expect(response.status).toBe(200)
    await vi.waitFor(async () => expect(await backendsOf(example)).toHaveLength(1), WAIT)
    expect(await example.interrupt()).toBe(0)
    expect(await backendsOf(example)).toEqual([])
    await example.dispose()
  })
})
