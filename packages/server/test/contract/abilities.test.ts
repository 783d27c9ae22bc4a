import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { abilityTable } from './abilities.ts'

it('docs/engines.md says of each engine what the contract shows on it', async () => {
  const page = await readFile(new URL('../../../../docs/engines.md', import.meta.url), 'utf8')
  const [table] = /^\| feature .*\n(?:\|.*\n)+/m.exec(page) ?? []
  expect(table).toBe(`${abilityTable()}\n`)
})
