import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SessionBackendError } from '@session-backend/core'
import { invalidOption, isRecord } from '@session-backend/core/internal'
import type { MockPlatformOptions } from './options.ts'

/**
 * Types a configuration file of the program `mock-platform`, which takes it with `--config`:
 *
 * ```js
 * import { defineConfig } from '@session-backend/mock-platform'
 *
 * export default defineConfig({
 *   account: 'acme',
 *   services: { editor: { command: ['node', 'backend.js'], watch: ['backend.js'] } },
 * })
 * ```
 */
export function defineConfig(options: MockPlatformOptions): MockPlatformOptions {
  return options
}

/** The names under which the program finds a configuration file by itself. */
const NAMES = ['js', 'mjs', 'ts', 'mts'].map((ending) => `mock-platform.config.${ending}`)

/** The configuration file of a folder, if there is one. */
export function findConfig(folder: string): string | undefined {
  return NAMES.map((name) => join(folder, name)).find(existsSync)
}

/**
 * Reads a configuration file: an ECMAScript module. Throws `invalid_option` if it can't be read or has no
 * options.
 */
export async function readConfig(path: string): Promise<MockPlatformOptions> {
  const module: unknown = await import(pathToFileURL(resolve(path)).href).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SessionBackendError(
      'invalid_option',
      `\`--config\` must be a module that can be loaded, got ${JSON.stringify(path)}. ${reason}`,
      { cause },
    )
  })
  const config = isRecord(module) ? module.default : undefined
  if (isRecord(config)) return config
  throw invalidOption('--config', 'a module whose default export is the options', path)
}
