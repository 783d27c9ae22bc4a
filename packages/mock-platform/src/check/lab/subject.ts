import type { Editing } from './editing.ts'

/** The program that is checked, and what the command line says about it. */
export interface Subject {
  command: readonly [string, ...string[]]
  /** The path, and the query, at which the program is reached. */
  path: string
  /** Who connects. Default: nobody whom the platform knows. */
  user?: string | undefined
  auth?: Readonly<Record<string, unknown>> | undefined
  /** The variables of each spawn request. `{document}` in a value stands for the document's id. */
  env: Readonly<Record<string, string>>
  /** Whether the program serves its pages below its static token. */
  staticToken: boolean
  startTimeoutSeconds: number
  /** How to edit a document. Default: unknown. */
  editing?: Editing | undefined
}

/** The variables of one document's spawn request. */
export function variablesOf({ env }: Subject, documentId: string): Record<string, string> {
  const entries = Object.entries(env)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value.replaceAll('{document}', documentId)]),
  )
}
