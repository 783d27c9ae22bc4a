import type { ConnectionUrls } from '../proxy/connection-url.ts'

/** A backend and one of the secrets that lead to it. */
export interface Way {
  name: string
  token: string
}

/** The URLs in the API's answers. */
export interface PlatformUrls {
  connection(way: Way): string
  ready(way: Way): string
  status(backend: { name: string }): string
  statusV2(backend: { name: string }): string
}

/** Makes the URLs in the API's answers. `publicUrl` is what they begin with, without a slash at its end. */
export function createUrls(publicUrl: string, connections: ConnectionUrls): PlatformUrls {
  return {
    connection: (way) => connections.of(way),
    ready: ({ name, token }) => `${publicUrl}/ready/${name}/${token}/`,
    status: ({ name }) => `${publicUrl}/backend/${name}/status`,
    statusV2: ({ name }) => `${publicUrl}/v2/backend/${name}/status`,
  }
}
