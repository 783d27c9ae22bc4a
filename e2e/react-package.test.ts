import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { measureSizes } from '../scripts/sizes.mjs'

const dist = join(import.meta.dirname, '../packages/react/dist')
const require = createRequire(join(dist, 'index.cjs'))

describe('the built React package', () => {
  it('says "use client" in every file, so that Next takes its hooks', () => {
    const files = readdirSync(dist).filter((name) => /\.c?js$/.test(name))
    expect(files.length).toBeGreaterThan(5)
    for (const file of files) expect(readFileSync(join(dist, file), 'utf8'), file).toMatch(/^"use client";/)
  })

  it.each(['index', 'yjs', 'testing'])(
    'has `%s` as a module and as CommonJS, with the same names',
    async (entry) => {
      const asModule = await import(join(dist, `${entry}.js`))
      expect(Object.keys(require(join(dist, `${entry}.cjs`))).sort()).toEqual(Object.keys(asModule).sort())
    },
  )

  it('has one WebSocketConnection for all entries', async () => {
    const { WebSocketConnection } = await import(join(dist, 'index.js'))
    const { TestConnection } = await import(join(dist, 'testing.js'))
    expect(new TestConnection()).toBeInstanceOf(WebSocketConnection)
    const { WebSocketConnection: InCommonJs } = require(join(dist, 'index.cjs'))
    const { TestConnection: TestInCommonJs } = require(join(dist, 'testing.cjs'))
    expect(new TestInCommonJs()).toBeInstanceOf(InCommonJs)
  })

  it('is no larger than .size-limit.json allows', () => {
    const limited = measureSizes().filter(({ sizeLimit }) => sizeLimit !== undefined)
    expect(limited.length).toBeGreaterThan(0)
    for (const { name, size, sizeLimit } of limited) expect(size, name).toBeLessThanOrEqual(sizeLimit ?? 0)
  })
})
