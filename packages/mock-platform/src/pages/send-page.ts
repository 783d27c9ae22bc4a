import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import theme from './theme.css?raw'

/** A page, made of parts that are our own: nothing of it is loaded from anywhere else. */
export interface Page {
  title: string
  /** Added to the style that all pages share. */
  style: string
  /** The inside of the body, with everything from outside {@link escapeHtml escaped}. */
  body: string
  /** An ECMAScript module. */
  script: string
  /** Whether other pages may show it in a frame. */
  frames: boolean
}

/** Answers with a page that runs its own script and style only, and talks to this server only. */
export function sendPage(response: ServerResponse, { title, style, body, script, frames }: Page): void {
  const nonce = randomBytes(16).toString('base64')
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${theme}${style}</style>
</head>
<body>
${body}
<script type="module" nonce="${nonce}">${script}</script>
</body>
</html>
`
  const policy = [
    "default-src 'none'",
    // What our script imports may run as well.
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    ...(frames ? [] : ["frame-ancestors 'none'"]),
  ]
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(html),
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
  })
  response.end(html)
}

/** Text as it may stand in HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
