import { once } from 'node:events'
import { createServer } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import { nameOf } from '../../address.ts'
import type { Guardian } from '../guardian.ts'
import { createRegistryFront } from './front.ts'
import { startRegistryProgram } from './program.ts'

/** Options of {@link startRegistry}. */
export interface RegistryOptions {
  host: string
  port: number
  account: string
  token: string
  guardian: Guardian
  /** Where to keep the images. Default: they are gone when the registry is closed. */
  storage: string | undefined
}

/** A registry of the account's images. */
export interface Registry {
  /** Host and port, as the names of images begin. */
  address: string
  close(): Promise<void>
}

/** Specification: "Working directly with the Jamsocket Container Registry". */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const { host, port, account, token, guardian, storage } = options
  const program = await startRegistryProgram(guardian, storage)
  // A layer may take long to arrive.
  const server = createServer({ requestTimeout: 0, headersTimeout: 15_000 })
  server.on('request', createRegistryFront({ account, token, socketPath: program.socketPath }))
  try {
    await once(server.listen(port, host), 'listening')
  } catch (cause) {
    await program.close()
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SessionBackendError(
      'invalid_option',
      `\`registryPort\` must be a free port, got ${port}: ${reason}.`,
      { cause },
    )
  }
  const address = server.address()
  return {
    address: `${nameOf(host)}:${typeof address === 'object' && address ? address.port : port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      await program.close()
    },
  }
}
