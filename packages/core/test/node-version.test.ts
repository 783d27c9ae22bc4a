import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { whyNotThisNode } from '../src/node-version.ts'

describe('the oldest Node', () => {
  it.each(['20.19.0', '20.20.1', '21.0.0', '22.12.0', '100.0.0'])('may be %s', (version) => {
    expect(whyNotThisNode('mock-platform', version)).toBeUndefined()
  })

  it.each(['20.18.3', '18.20.8', '9.11.2'])(
    'is newer than %s, and the message says what to install',
    (version) => {
      expect(whyNotThisNode('mock-platform', version)).toBe(
        `mock-platform needs Node 20.19 or later, got ${version}. Install a later one from https://nodejs.org, then try again.`,
      )
    },
  )

  it('is in docs/troubleshooting.md', () => {
    const path = join(import.meta.dirname, '../../../docs/troubleshooting.md')
    const sentence = whyNotThisNode('mock-platform', '18.20.8')?.replace('18.20.8', '<version>')
    expect(readFileSync(path, 'utf8')).toContain(`| \`${sentence}\``)
  })

  it('is not asked of a runtime that names no Node', () => {
    const { versions } = process
    try {
      Object.defineProperty(process, 'versions', { value: {}, configurable: true })
      expect(whyNotThisNode('mock-platform')).toBeUndefined()
    } finally {
      Object.defineProperty(process, 'versions', { value: versions, configurable: true })
    }
  })
})
