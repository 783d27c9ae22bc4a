import type { IncomingMessage } from 'node:http'
import type { ProxyTarget } from './index.ts'

/** How connection URLs look, and how they are found again in requests. */
export interface ConnectionUrls {
  of(backend: { name: string; token: string }): string
  /** The parts of a request's URL, where it is a connection URL. */
  parse(request: IncomingMessage): ProxyTarget | undefined
}

/** `<origin>/p/<name>/<token>/`: every backend below the platform's own address. */
export function pathUrls(origin: string): ConnectionUrls {
  return {
    of: ({ name, token }) => `${origin}/p/${name}/${token}/`,
    parse({ url = '/' }) {
      const [, name, rest = ''] = /^\/p\/([^/?]*)(.*)$/s.exec(url) ?? []
      return name === undefined ? undefined : { name, ...splitToken(rest) }
    },
  }
}

/** `http://<name>.localhost:<port>/<token>/`: every backend with an origin of its own. */
export function subdomainUrls(port: number): ConnectionUrls {
  return {
    of: ({ name, token }) => `http://${name}.localhost:${port}/${token}/`,
    parse({ url = '/', headers }) {
      const [, name] = /^([^.:]+)\.localhost(?::\d+)?$/i.exec(headers.host ?? '') ?? []
      return name === undefined ? undefined : { name: name.toLowerCase(), ...splitToken(url) }
    },
  }
}

/** `/<token>/rest?query`; the rest has at least its slash. */
function splitToken(path: string): { token: string; path: string } {
  const [, token = '', rest = ''] = /^\/?([^/?]*)(.*)$/s.exec(path) ?? []
  return { token, path: rest.startsWith('/') ? rest : `/${rest}` }
}
