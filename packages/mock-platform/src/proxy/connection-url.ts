import type { IncomingMessage } from 'node:http'
import { isStaticToken, nameInStaticToken } from '../secrets.ts'
import type { ProxyTarget } from './route.ts'

/** How connection URLs look, and how they are found again in requests. */
export interface ConnectionUrls {
  of(backend: { name: string; token: string }): string
  /** The parts of a request's URL, if it is a connection URL. */
  parse(request: IncomingMessage): ProxyTarget | undefined
}

/**
 * `<origin>/p/<name>/<token>/`: every backend below the platform's own address. One with a static token is at
 * `<origin>/<token>/`.
 */
export function pathUrls(origin: string): ConnectionUrls {
  const protocol = protocolOf(origin)
  return {
    of: ({ name, token }) => `${origin}/${isStaticToken(token) ? '' : `p/${name}/`}${token}/`,
    parse({ url = '/' }) {
      const name = /^\/p\/([^/?]*)/.exec(url)?.[1]
      if (name !== undefined) return { name, ...splitToken(url, `/p/${name}`), protocol, sharedOrigin: true }
      const target = splitToken(url, '')
      return isStaticToken(target.token)
        ? { name: nameInStaticToken(target.token), ...target, protocol, sharedOrigin: true }
        : undefined
    },
  }
}

/**
 * `http://<name>.localhost:<port>/<token>/`: every backend has its own origin, below the name of `origin`.
 */
export function subdomainUrls(origin: string): ConnectionUrls {
  const { host, hostname } = new URL(origin)
  const protocol = protocolOf(origin)
  // Browsers find names below localhost without DNS, also when another name is public.
  const parents = new Set(['localhost', hostname])
  return {
    of: ({ name, token }) => `${protocol}://${name}.${host}/${token}/`,
    parse({ url = '/', headers }) {
      const [, name, parent = ''] =
        /^([^.:]+)\.([^:]+)(?::\d+)?$/.exec(headers.host?.toLowerCase() ?? '') ?? []
      return name === undefined || !parents.has(parent)
        ? undefined
        : { name, ...splitToken(url, ''), protocol, sharedOrigin: false }
    },
  }
}

/**
 * Takes `<prefix>/<token>/rest?query` apart. The rest has at least its slash. As on Plane, the backend gets a
 * URL with a static token as it is: it was told the token, and serves its pages below it.
 */
function splitToken(url: string, prefix: string): Pick<ProxyTarget, 'token' | 'path' | 'originalPath'> {
  const [, token = '', rest = ''] = /^\/?([^/?]*)(.*)$/s.exec(url.slice(prefix.length)) ?? []
  const [originalPath = ''] = url.split('?', 1)
  const path = isStaticToken(token) ? url : rest.startsWith('/') ? rest : `/${rest}`
  return { token, path, originalPath }
}

function protocolOf(origin: string): 'http' | 'https' {
  return origin.startsWith('https:') ? 'https' : 'http'
}
