import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { type DocumentStorage, outdatedFencingToken, type Saved } from '@session-backend/backend/storage'

/** Keeps a document in one object, whose body names the token of its owner. Every write is made on the version that was seen last. */
export function s3Storage<Value>(
  client: S3Client,
  place: { Bucket: string; Key: string },
  parse: (value: unknown) => Value,
): DocumentStorage<Value> {
  let version: string | undefined

  async function get(token: number, signal?: AbortSignal): Promise<Saved<Value> | undefined> {
    try {
      const { Body, ETag } = await client.send(new GetObjectCommand(place), signal && { abortSignal: signal })
      const stored = JSON.parse((await Body?.transformToString()) ?? '')
      if (stored.token > token) throw outdatedFencingToken(token, stored.token)
      version = ETag
      return stored.value === undefined ? undefined : { ...stored, value: parse(stored.value) }
    } catch (error) {
      if (!(error instanceof NoSuchKey)) throw error
      version = undefined
      return undefined
    }
  }

  /** Returns whether nobody else has written since: then, what was put is there. */
  async function put(saved: object, signal?: AbortSignal): Promise<boolean> {
    const condition = version === undefined ? { IfNoneMatch: '*' } : { IfMatch: version }
    const command = new PutObjectCommand({ ...place, ...condition, Body: JSON.stringify(saved) })
    try {
      version = (await client.send(command, signal && { abortSignal: signal })).ETag
      return true
    } catch (error) {
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
      // 409: somebody else is writing at this very moment.
      if (status === 412 || status === 409) return false
      throw error
    }
  }

  return {
    async read(token, { signal } = {}) {
      for (;;) {
        const saved = await get(token, signal)
        if (await put({ ...saved, token, cursors: saved?.cursors ?? {} }, signal)) return saved
      }
    },
    async write(saved, { signal } = {}) {
      const copy = structuredClone(saved)
      // What came between was another owner, which ends this, or a write of ours whose answer was lost.
      while (!(await put(copy, signal))) await get(copy.token, signal)
    },
  }
}
