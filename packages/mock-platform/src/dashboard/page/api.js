/** An access token that was typed in; it lives as long as the page. */
let token = ''

/** The platform's answer was an error. */
export class CallError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/** @param {string} value */
export function setToken(value) {
  token = value
}

/**
 * Asks the platform; throws a {@link CallError} if it answers with an error. Fires `changed` at the document after a
 * change.
 *
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {unknown} [body]
 */
export async function call(method, path, body = {}) {
  const headers = new Headers({ 'x-page-origin': location.origin })
  if (token !== '') headers.set('authorization', `Bearer ${token}`)
  if (method === 'POST') headers.set('content-type', 'application/json')
  const response = await fetch(`/dashboard/${path}`, {
    method,
    headers,
    ...(method === 'POST' && { body: JSON.stringify(body) }),
  })
  const value = await response.json()
  if (response.ok) {
    if (method === 'POST') document.dispatchEvent(new Event('changed'))
    return value
  }
  throw new CallError(response.status, value.error?.message ?? `The platform answered ${response.status}.`)
}

/**
 * What to tell about an error.
 *
 * @param {unknown} error
 */
export function messageOf(error) {
  return error instanceof CallError ? error.message : 'The platform does not answer. Retrying…'
}
