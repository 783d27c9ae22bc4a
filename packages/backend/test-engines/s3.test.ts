import { S3Client } from '@aws-sdk/client-s3'
import { beforeAll, expect, it } from 'vitest'
import { CREDENTIALS, startVersitygw, whyNoVersitygw } from '../../../scripts/engines/versitygw.mjs'
import { outdatedFencingToken } from '../src/storage.ts'
import { s3Storage } from '../test/recipes/s3-storage.ts'
import { takeFromEachOther } from '../test/recipes/take-from-each-other.ts'

const missing = whyNoVersitygw()
const parse = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

let endpoint = ''
beforeAll(async () => {
  if (missing !== undefined) return undefined
  const server = await startVersitygw()
  endpoint = server.url
  return server.stop
})

/** The storage, as each process opens it. */
function open(Key: string) {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: CREDENTIALS,
  })
  return s3Storage(client, { Bucket: 'documents', Key }, parse)
}

it('keeps the value and the cursors in an object of S3, and refuses an owner that was replaced', async ({
  skip,
}) => {
  skip(missing !== undefined, missing)
  const [old, young] = [open('plan'), open('plan')]
  expect(await old.read(1)).toBeUndefined()
  await old.write({ value: ['a'], token: 1, cursors: { nextSince: 2 } })
  expect(await young.read(2)).toMatchObject({ value: ['a'], cursors: { nextSince: 2 } })
  const refused = outdatedFencingToken(1, 2)
  await expect(old.write({ value: ['b'], token: 1, cursors: {} })).rejects.toThrow(refused)
  await expect(old.read(1)).rejects.toThrow(refused)
  expect((await young.read(2))?.value).toEqual(['a'])
})

it('goes on after a write whose answer was lost', async ({ skip }) => {
  skip(missing !== undefined, missing)
  const [owner, sameOwner] = [open('lost'), open('lost')]
  await owner.read(1)
  await sameOwner.read(1)
  await sameOwner.write({ value: ['a'], token: 1, cursors: {} })
  await owner.write({ value: ['a', 'b'], token: 1, cursors: {} })
  expect((await open('lost').read(2))?.value).toEqual(['a', 'b'])
})

it('loses nothing that was saved in S3 while two writers take the document from each other 200 times', async ({
  skip,
}) => {
  skip(missing !== undefined, missing)
  const { acknowledged, refusals, changes, last } = await takeFromEachOther(() => open('race'))
  expect(refusals).toBe(changes)
  expect(acknowledged.length).toBeGreaterThan(changes / 2)
  for (const item of acknowledged) expect(last).toContain(item)
}, 300_000)
