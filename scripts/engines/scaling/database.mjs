// @ts-check
// What a Plane keeps in its database, and how much it does there.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const TABLES = ['backend', 'backend_key', 'backend_state', 'backend_action', 'token', 'event']
const DATABASE = 'from pg_stat_database where datname = current_database()'

/**
 * Why Plane ended backends, and how many. @param {string} url
 */
export async function readReasons(url) {
  const query = "select state->>'reason', count(*) from backend where last_status = 'terminated' group by 1"
  const { stdout } = await run('psql', [url, '-AtF', ' ', '-c', query])
  return stdout.trim().replaceAll('\n', ', ')
}

/**
 * Counts the rows of each table, the bytes on the disk, and the transactions until now.
 * @param {string} url
 * @returns {Promise<{ rows: Record<string, number>, transactions: number }>}
 */
export async function readDatabase(url) {
  const query = [
    ...TABLES.map((table) => `select '${table}', count(*) from ${table}`),
    `select 'bytes', pg_database_size(current_database())`,
    `select 'transactions', xact_commit ${DATABASE}`,
  ].join(' union all ')
  const { stdout } = await run('psql', [url, '-AtF', ' ', '-c', query])
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
  const { transactions = 0, ...rows } = Object.fromEntries(
    lines.map(([name, count]) => [name, Number(count)]),
  )
  return { rows, transactions }
}
