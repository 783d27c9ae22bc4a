import { Pool } from 'pg'
import { beforeAll, expect, it } from 'vitest'
import { startPostgres, whyNoPostgres } from '../../../../scripts/engines/postgres.mjs'
import { outdatedFencingToken } from '../../src/storage.ts'
import { postgresStorage, TABLE } from './postgres-storage.ts'
import { takeFromEachOther } from './take-from-each-other.ts'

const missing = whyNoPostgres()

const parse = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

let url = ''
beforeAll(async () => {
  if (missing !== undefined) return undefined
  const postgres = await startPostgres()
  url = postgres.url
  const pool = new Pool({ connectionString: url })
  await pool.query(TABLE)
  await pool.end()
  return postgres.stop
}, 60_000)

/** A process has its own connections. */
async function withPools(use: (pools: [Pool, Pool]) => Promise<void>) {
  const pools: [Pool, Pool] = [new Pool({ connectionString: url }), new Pool({ connectionString: url })]
  try {
    await use(pools)
  } finally {
    await Promise.all(pools.map((pool) => pool.end()))
  }
}

it('keeps the value and the cursors, and refuses an owner that was replaced', async ({ skip }) => {
  skip(missing !== undefined, missing)
  await withPools(async ([first, second]) => {
    const [old, young] = [postgresStorage(first, 'plan', parse), postgresStorage(second, 'plan', parse)]
    expect(await old.read(1)).toBeUndefined()
    await old.write({ value: ['a'], token: 1, cursors: { nextSince: 2 } })
    expect(await young.read(2)).toEqual({ value: ['a'], token: 2, cursors: { nextSince: 2 } })
    const refused = outdatedFencingToken(1, undefined)
    await expect(old.write({ value: ['b'], token: 1, cursors: {} })).rejects.toThrow(refused)
    await expect(old.read(1)).rejects.toThrow(refused)
    expect((await young.read(2))?.value).toEqual(['a'])
  })
})

it('loses nothing that was saved while two writers take the document from each other 200 times', async ({
  skip,
}) => {
  skip(missing !== undefined, missing)
  await withPools(async (pools) => {
    const { acknowledged, refusals, changes, last } = await takeFromEachOther((token) =>
      postgresStorage(pools[token % 2 === 0 ? 0 : 1], 'race', parse),
    )
    expect(refusals).toBe(changes)
    expect(acknowledged.length).toBeGreaterThan(changes / 2)
    for (const item of acknowledged) expect(last).toContain(item)
  })
}, 60_000)
