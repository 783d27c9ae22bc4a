/** Where a backend listens. */
export interface Address {
  host: string
  port: number
}

/** The host of a URL that reaches a server bound to `host`: the addresses that stand for all become `localhost`. */
export function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
