// What a page has and Node hasn't. The events are Node's: jsdom's take no signal of Node's.
import { JSDOM } from 'jsdom'

const { window } = new JSDOM('', { url: 'http://localhost/' })
const { document, navigator } = window
const events = new EventTarget()
for (const [name, value] of Object.entries({
  ...{ window, document, navigator },
  addEventListener: events.addEventListener.bind(events),
})) {
  Object.defineProperty(globalThis, name, { value, configurable: true })
}
