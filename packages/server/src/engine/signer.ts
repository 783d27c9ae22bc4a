import { createHmac } from 'node:crypto'

/**
 * Signs texts with a key that is derived from the access token, so that every process of the app signs alike. The token can't
 * be found from the signatures.
 */
export function createSigner(token: string): (text: string) => string {
  const key = createHmac('sha256', token).update('session-backend').digest()
  return (text) => createHmac('sha256', key).update(text).digest('base64url')
}
