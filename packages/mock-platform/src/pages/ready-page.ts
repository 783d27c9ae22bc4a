import type { ServerResponse } from 'node:http'
import style from './ready-page.css?raw'
import script from './ready-page.js?raw'
import { escapeHtml, sendPage } from './send-page.ts'

/** What the page shows, and where it leads. */
export interface ReadyPageOptions {
  /** The backend's name. */
  name: string
  /** The only address that the page redirects to. */
  url: string
  /**
   * Whether the page asks for the end of the log if the backend fails, and can start it again, below its own
   * address. Default: false.
   */
  showsLog?: boolean
}

/**
 * Answers with a page that follows the backend's status and leads to the backend once it is Ready; one that
 * ended instead is explained. Specification: "Backend ready page".
 */
export function sendReadyPage(
  response: ServerResponse,
  { name, url, showsLog = false }: ReadyPageOptions,
): void {
  sendPage(response, {
    title: `Starting ${name}`,
    style,
    script,
    // An app may show it in the place of the document.
    frames: true,
    body: `<main data-name="${escapeHtml(name)}" data-url="${escapeHtml(url)}"${showsLog ? ' data-log' : ''}>
<p class="name">Backend <code>${escapeHtml(name)}</code></p>
<h1 id="title" tabindex="-1">Starting your session</h1>
<ol aria-label="Progress">
<li data-status="Loading" aria-current="step">Loading</li>
<li data-status="Starting">Starting</li>
<li data-status="Ready">Ready</li>
</ol>
<div class="bar" role="progressbar" aria-label="Starting your session" aria-valuetext="Loading"><div></div></div>
<p id="status" role="status">Loading the backend.</p>
<p id="advice" hidden></p>
<section id="log" aria-labelledby="log-title" hidden><h2 id="log-title">The end of its log</h2><pre tabindex="0"></pre></section>
<p id="again" hidden><button type="button">Start it again</button></p>
<p id="back" hidden><button type="button">Go back and try again</button></p>
<p id="time" class="quiet" aria-hidden="true"></p>
<p id="open" hidden><a href="${escapeHtml(url)}">Open it now</a></p>
<noscript><p>This page needs JavaScript to follow the start. <a href="${escapeHtml(url)}">Open the backend</a>, which answers when it is ready.</p></noscript>
</main>`,
  })
}
