import { type DocumentStorage, outdatedFencingToken } from '@session-backend/backend/storage'

/** What is used of a pool of `pg`. */
interface Database {
  query(
    text: string,
    values: unknown[],
  ): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>
}

export const TABLE = `create table if not exists documents (
  id text primary key, token bigint not null, value jsonb, cursors jsonb not null default '{}')`

/** Keeps a document in PostgreSQL. Each call is one statement, so nothing can come between a check and a write. */
export function postgresStorage<Value>(
  database: Database,
  id: string,
  parse: (value: unknown) => Value,
): DocumentStorage<Value> {
  return {
    async read(token) {
      const claim = `insert into documents (id, token) values ($1, $2)
        on conflict (id) do update set token = excluded.token where documents.token <= excluded.token
        returning value, cursors`
      const { rows } = await database.query(claim, [id, token])
      const [row] = rows
      if (row === undefined) throw outdatedFencingToken(token, undefined)
      return row.value === null
        ? undefined
        : { value: parse(row.value), token, cursors: { ...Object(row.cursors) } }
    },
    async write({ value, token, cursors }) {
      const update = 'update documents set value = $3, cursors = $4 where id = $1 and token = $2'
      const values = [id, token, JSON.stringify(value), JSON.stringify(cursors)]
      const { rowCount } = await database.query(update, values)
      if (rowCount === 0) throw outdatedFencingToken(token, undefined)
    },
  }
}
