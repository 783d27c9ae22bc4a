import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'

/** What the page shows, and where it leads. */
export interface ReadyPageOptions {
  name: string
  /** The only address that the page redirects to. */
  url: string
}

const SCRIPT = `
const { name, url } = document.body.dataset
const status = document.querySelector('[role=status]')
const stream = new EventSource('/backend/' + name + '/status/stream')
const texts = { Loading: 'Loading the backend', Starting: 'Starting the backend', Ready: 'The backend is ready' }
stream.onmessage = ({ data }) => {
  const { state } = JSON.parse(data)
  status.textContent = texts[state] || 'The backend has ended: ' + state
  if (state in texts === false || state === 'Ready') stream.close()
  if (state === 'Ready') location.replace(url)
}
`

const POLICY = [
  "default-src 'none'",
  `script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Answers with a page that follows the backend's status, then leads to it. Specification: "Backend ready page". */
export function renderReadyPage(response: ServerResponse, { name, url }: ReadyPageOptions): void {
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Starting ${escapeHtml(name)}</title>
<body data-name="${escapeHtml(name)}" data-url="${escapeHtml(url)}">
<p role="status">Loading the backend</p>
<script>${SCRIPT}</script>
</body>
</html>
`
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
