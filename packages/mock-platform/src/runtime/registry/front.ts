import { type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import { pipeline } from 'node:stream'
import { isSameSecret } from '../../secrets.ts'

/** Who may use the registry, and where it is. */
export interface FrontOptions {
  account: string
  token: string
  /** Where the registry itself listens, which checks nobody. */
  socketPath: string
}

/** A part of an image's name. */
const PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
/** What of an image is meant: a tag, a digest, an upload. There is no way out of the image by it. */
const REFERENCE = '(?:uploads/)?(?:\\w[\\w.:+-]*)?'
/** Headers that concern one connection, and the one that is for us. */
const DROPPED = ['authorization', 'connection', 'keep-alive', 'proxy-authorization', 'te', 'upgrade']

/**
 * Lets in who signs in as the account. Specification: "When logging into the container registry with docker
 * login, use the account name as the username and an access token as the password." It may use the account's
 * own images.
 */
export function createRegistryFront({ account, token, socketPath }: FrontOptions) {
  const own = `${account}/${PART}(?:/${PART})*`
  const ownPath = new RegExp(`^/v2/(?:${own}/(?:blobs|manifests|tags|referrers)/${REFERENCE})?$`)

  return (request: IncomingMessage, response: ServerResponse) => {
    const { method, url = '', headers } = request
    if (!isSameSecret(`${account}:${token}`, credentialsOf(headers.authorization))) {
      response.setHeader('www-authenticate', 'Basic realm="session backend registry"')
      return refuse(response, 401, 'UNAUTHORIZED', 'Sign in with the account and an access token.')
    }
    const [path = ''] = url.split('?')
    if (!ownPath.test(path)) {
      return refuse(response, 403, 'DENIED', `Only images named ${account}/... are yours.`)
    }
    const passed = Object.entries(headers).filter(([name]) => !DROPPED.includes(name))
    const upstream = send({ socketPath, method, path: url, headers: Object.fromEntries(passed) })
    upstream.once('response', (answer) => {
      const { connection: _, 'keep-alive': __, ...kept } = answer.headers
      response.writeHead(answer.statusCode ?? 502, kept)
      pipeline(answer, response, () => {})
    })
    upstream.on('error', () => {
      if (!response.headersSent) refuse(response, 502, 'UNKNOWN', 'The registry does not answer.')
    })
    response.once('close', () => upstream.destroy())
    request.pipe(upstream)
  }
}

/** What `Authorization: Basic` holds: the name, a colon and the password. */
function credentialsOf(authorization = ''): string {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization) ?? []
  return Buffer.from(encoded, 'base64').toString('utf8')
}

/** Refuses as a registry does. */
function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'docker-distribution-api-version': 'registry/2.0',
    // What was sent with the request is not read.
    connection: 'close',
  })
  response.end(JSON.stringify({ errors: [{ code, message }] }))
}
