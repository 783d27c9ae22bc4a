// @ts-check
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** The folder of other servers of rooms. They are no part of the workspace: nobody else needs them. */
export const PEERS = join(import.meta.dirname, '../backend/peers')

export function installPeers() {
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: PEERS,
    stdio: 'inherit',
  })
}
