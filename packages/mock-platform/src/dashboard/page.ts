import type { ServerResponse } from 'node:http'
import { sendPage } from '../pages/send-page.ts'
import actions from './page/actions.js?raw'
import api from './page/api.js?raw'
import backendsStyle from './page/backends.css?raw'
import backends from './page/backends.js?raw'
import clock from './page/clock.js?raw'
import controlsStyle from './page/controls.css?raw'
import detailsStyle from './page/details.css?raw'
import details from './page/details.js?raw'
import dom from './page/dom.js?raw'
import ended from './page/ended.js?raw'
import faults from './page/faults.js?raw'
import live from './page/live.js?raw'
import log from './page/log.js?raw'
import main from './page/main.js?raw'
import pageStyle from './page/page.css?raw'
import body from './page/page.html?raw'
import phoneStyle from './page/phone.css?raw'
import room from './page/room.js?raw'
import say from './page/say.js?raw'
import services from './page/services.js?raw'
import shelves from './page/shelves.js?raw'
import spawn from './page/spawn.js?raw'
import text from './page/text.js?raw'
import timeline from './page/timeline.js?raw'
import tools from './page/tools.js?raw'
import waterfallStyle from './page/waterfall.css?raw'
import waterfall from './page/waterfall.js?raw'

/** The page's modules, by their file names. */
export const scripts: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  'actions.js': actions,
  'api.js': api,
  'backends.js': backends,
  'clock.js': clock,
  'details.js': details,
  'dom.js': dom,
  'ended.js': ended,
  'faults.js': faults,
  'live.js': live,
  'log.js': log,
  'main.js': main,
  'room.js': room,
  'say.js': say,
  'services.js': services,
  'shelves.js': shelves,
  'spawn.js': spawn,
  'text.js': text,
  'timeline.js': timeline,
  'tools.js': tools,
  'waterfall.js': waterfall,
})

/**
 * Answers with the dashboard's page. It contains no data. The page requests the data, and those requests are
 * checked.
 */
export function sendDashboardPage(response: ServerResponse): void {
  sendPage(response, {
    title: 'Mock platform',
    style: pageStyle + controlsStyle + backendsStyle + detailsStyle + waterfallStyle + phoneStyle,
    body,
    script: "import '/dashboard/main.js'",
    frames: false,
  })
}
