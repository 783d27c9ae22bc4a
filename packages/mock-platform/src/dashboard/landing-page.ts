import type { IncomingMessage, ServerResponse } from 'node:http'
import { escapeHtml, sendPage } from '../pages/send-page.ts'
import style from './landing-page.css?raw'
import script from './landing-page.js?raw'

/** What the page leads to. */
export interface LandingPageOptions {
  dashboardUrl: string
  /** The platform's own port. */
  port: number
}

/**
 * Creates the page at the platform's root, which links to the dashboard. Returns a function that answers
 * requests to the page, and returns whether a request was one.
 */
export function landingPage({ dashboardUrl, port }: LandingPageOptions) {
  const url = escapeHtml(dashboardUrl)
  const page = {
    title: 'Mock platform',
    style,
    script,
    frames: false,
    body: `<main data-port="${port}">
<h1>Mock platform</h1>
<p>The API and the backends are at this address.</p>
<p>The dashboard is at <a href="${url}">${url}</a>, on the machine that runs the platform.</p>
</main>`,
  }
  return ({ method, url = '' }: IncomingMessage, response: ServerResponse): boolean => {
    const isPage = (method === 'GET' || method === 'HEAD') && /^\/(?:\?|$)/.test(url)
    if (isPage) sendPage(response, page)
    return isPage
  }
}
