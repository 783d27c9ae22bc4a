// What a page has and Node hasn't. The events are Node's: jsdom's take no signal of Node's.
import { JSDOM } from 'jsdom'

const { window } = new JSDOM('', { url: 'http://localhost/' })
const { document } = window
const events = new EventTarget()
Object.assign(globalThis, { window, document, addEventListener: events.addEventListener.bind(events) })
