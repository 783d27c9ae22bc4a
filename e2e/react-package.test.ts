import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { measureSizes } from '../scripts/sizes.mjs'

const dist = join(import.meta.dirname, '../packages/react/dist')
const require = createRequire(join(dist, 'index.cjs'))

/** What a file of the build imports, directly or not: its own files and the names of packages. */
function graphOf(file: string, graph = new Set<string>()): Set<string> {
  if (graph.has(file)) return graph
  graph.add(file)
  if (!file.endsWith('.js')) return graph
  const code = readFileSync(join(dist, file), 'utf8')
  for (const [, name = ''] of code.matchAll(/^(?:import|export)\b[^;]*?["']([^"']+)["'];/gm)) {
    graphOf(name.replace(/^\.\//, ''), graph)
  }
  return graph
}

describe('the built React package', () => {
  it('says "use client" in each file that imports React, and in no other', () => {
    const files = readdirSync(dist).filter((name) => /\.c?js$/.test(name))
    expect(files.length).toBeGreaterThan(5)
    for (const file of files) {
      const code = readFileSync(join(dist, file), 'utf8')
      const importsReact = /(?:from|require\() ?["']react["']/.test(code)
      expect([file, code.startsWith('"use client";')]).toEqual([file, importsReact])
    }
  })

  it.each(['index', 'testing'])('says "use client" in `%s`, so that Next takes its hooks', (entry) => {
    for (const end of ['js', 'cjs']) {
      expect(readFileSync(join(dist, `${entry}.${end}`), 'utf8')).toMatch(/^"use client";/)
    }
  })

  it.each(['client', 'yjs', 'socket-io'])('has no React in the module graph of `%s`', (entry) => {
    const graph = graphOf(`${entry}.js`)
    expect(graph.size).toBeGreaterThan(1)
    expect([...graph].filter((name) => /^react(\/|$)/.test(name))).toEqual([])
  })

  it.each(['index', 'client', 'yjs', 'socket-io', 'testing'])(
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

  it('is no larger than .size-limit.mjs allows', () => {
    const limited = measureSizes().filter(({ sizeLimit }) => sizeLimit !== undefined)
    expect(limited.length).toBeGreaterThan(0)
    for (const { name, size, sizeLimit } of limited) expect(size, name).toBeLessThanOrEqual(sizeLimit ?? 0)
  })
})
