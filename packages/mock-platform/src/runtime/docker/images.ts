import { createInterface } from 'node:readline'
import { isRecord, parseJson } from '@session-backend/core/internal'
import type { DockerEngine } from './engine.ts'

/** The registry of the platform itself, as images name it, and who may read from it. */
export interface OwnRegistry {
  /** Host and port. */
  address: string
  account: string
  token: string
}

/** Docker's grammar of a tag. */
const TAG = /^\w[\w.-]{0,127}$/

/**
 * The full name of what a service's image is for a tag. Specification: "Images are expected to follow the
 * naming scheme [ACCOUNT]/[SERVICE]": such a one is in the platform's own registry, if there is one.
 */
export function imageName(image: string, tag: string | undefined, registry: OwnRegistry | undefined): string {
  if (tag !== undefined && !TAG.test(tag)) throw new Error(`${JSON.stringify(tag)} is no tag of an image.`)
  const [, repository = image, ownTag] = /^([^@]*?)(?::([^:/@]+))?(?:@.*)?$/.exec(image) ?? []
  const full = tag === undefined && image.includes('@') ? image : `${repository}:${tag ?? ownTag ?? 'latest'}`
  return registry && repository.startsWith(`${registry.account}/`) ? `${registry.address}/${full}` : full
}

/** The images on this machine. */
export class Images {
  constructor(
    private readonly engine: DockerEngine,
    private readonly registry: OwnRegistry | undefined,
  ) {}

  /**
   * Resolves to the full name of an image, when it is here. One of the platform's own registry is always
   * pulled, since it may have been pushed again; another one only if it is missing. Rejects with the cause.
   */
  async bring(image: string, tag: string | undefined, signal: AbortSignal): Promise<string> {
    const name = imageName(image, tag, this.registry)
    const own = this.registry !== undefined && name.startsWith(`${this.registry.address}/`)
    if (!own && (await this.#has(name, signal))) return name
    try {
      await this.#pull(name, own ? this.registry : undefined, signal)
      return name
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error)
      throw new Error(`The image ${name} cannot be pulled: ${cause}`)
    }
  }

  async #has(name: string, signal: AbortSignal): Promise<boolean> {
    const found = await this.engine.call('GET', `/images/${name}/json`, { expected: [404], signal })
    return found !== undefined
  }

  async #pull(name: string, access: OwnRegistry | undefined, signal: AbortSignal): Promise<void> {
    const path = `/images/create?fromImage=${encodeURIComponent(name)}`
    const progress = await this.engine.stream('POST', path, {
      signal,
      ...(access && { headers: { 'x-registry-auth': authorization(access) } }),
    })
    // The engine reports an error in a line, after it has answered with success.
    for await (const line of createInterface({ input: progress })) {
      const message = parseJson(line)
      if (isRecord(message) && typeof message.error === 'string') throw new Error(message.error)
    }
  }
}

/** Base64 for URLs, but with its padding: without that, the engine ignores it and says nothing. */
function authorization({ address, account, token }: OwnRegistry): string {
  const credentials = { username: account, password: token, serveraddress: address }
  const encoded = Buffer.from(JSON.stringify(credentials)).toString('base64')
  return encoded.replaceAll('+', '-').replaceAll('/', '_')
}
