import type { EngineName } from './engine.ts'

/** What an engine does, or what happens instead. */
export type Ability = 'yes' | `no: ${string}`

/** One row of the table in docs/engines.md. The contract shows each cell on its engine. */
export interface AbilityRow extends Record<EngineName, Ability> {
  /** Markdown. */
  title: string
}

const everywhere = { v1: 'yes', v2: 'yes', containers: 'yes', plane: 'yes' } as const

/** What each engine can do: the contract asserts it, and docs/engines.md shows it. */
const ABILITIES = {
  oneBackend: { ...everywhere, title: 'one backend for one lock, under any race' },
  users: {
    ...everywhere,
    title: 'a URL for each user, and the platform tells the backend who they are',
    v1: 'no: one URL for all; the app signs a [user token](users.md)',
    containers: 'no: as on v1, unless you choose v2',
  },
  prefix: { ...everywhere, title: 'removes the token from the path; `x-verified-path` has the whole path' },
  staticToken: { ...everywhere, title: '[static token](url-prefix.md#a-static-token)' },
  tags: { ...everywhere, title: 'runs the `tag` of a spawn; `ErrorLoading` if there is no such tag' },
  restart: { ...everywhere, title: 'restarts a document; the next backend has a higher fencing token' },
  rollOutOfDocuments: { ...everywhere, title: '`rollOut({ documents })`, resumed by `before`' },
  rollOut: { ...everywhere, title: '`rollOut()` of all backends', plane: 'no: `not_supported`' },
  list: {
    ...everywhere,
    title: '`list()`, with tags and connections',
    plane: 'no: `not_supported`',
  },
  trace: { ...everywhere, title: 'gives a backend the trace of the page that opened it, as `TRACEPARENT`' },
  warmPool: {
    ...everywhere,
    title: '[warm pools](../packages/mock-platform/README.md#warm-pools); a spawn with a `tag` starts cold',
    plane: 'no: not offered',
  },
  logs: { ...everywhere, title: 'logs', plane: "no: `not_supported`; they are in the drone's Docker" },
  cors: {
    ...everywhere,
    title: 'keeps the CORS headers of a backend',
    plane: 'no: 0.5.5 sets `*` instead',
  },
  readyPage: { ...everywhere, title: 'ready page', plane: "no: `readyUrl` is the backend's URL" },
} as const satisfies Record<string, AbilityRow>

export type AbilityName = keyof typeof ABILITIES

export const ABILITY_NAMES = Object.keys(ABILITIES).filter((name): name is AbilityName =>
  Object.hasOwn(ABILITIES, name),
)

export function can(engine: EngineName, ability: AbilityName): boolean {
  const { [engine]: cell }: AbilityRow = ABILITIES[ability]
  return cell === 'yes'
}

const COLUMNS: Record<EngineName, string> = {
  v1: 'v1',
  v2: 'v2',
  containers: 'containers',
  plane: 'Plane',
}
const NAMES: readonly EngineName[] = ['v1', 'v2', 'containers', 'plane']

/** The table of docs/engines.md, its cells padded as Biome and readers like them. */
export function abilityTable(): string {
  const rows = Object.values(ABILITIES).map((row: AbilityRow) => [
    row.title,
    ...NAMES.map((name) => row[name]),
  ])
  const head = ['feature', ...NAMES.map((name) => COLUMNS[name])]
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
