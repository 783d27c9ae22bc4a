import type { ServerResponse } from 'node:http'
import { sendPage } from '../pages/send-page.ts'
import api from './page/api.js?raw'
import backendStyle from './page/backends.css?raw'
import backends from './page/backends.js?raw'
import controlStyle from './page/controls.css?raw'
import dom from './page/dom.js?raw'
import faults from './page/faults.js?raw'
import logs from './page/logs.js?raw'
import main from './page/main.js?raw'
import pageStyle from './page/page.css?raw'
import body from './page/page.html?raw'
import timeline from './page/timeline.js?raw'

/** The page's modules, by their file names. */
export const scripts: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  'api.js': api,
  'backends.js': backends,
  'dom.js': dom,
  'faults.js': faults,
  'logs.js': logs,
  'main.js': main,
  'timeline.js': timeline,
})

/**
 * Answers with the dashboard's page. It contains no data. The page requests the data, and those requests are
 * checked.
 */
export function sendDashboardPage(response: ServerResponse): void {
  sendPage(response, {
    title: 'Mock platform',
    style: pageStyle + controlStyle + backendStyle,
    body,
    script: "import '/dashboard/main.js'",
    frames: false,
  })
}
