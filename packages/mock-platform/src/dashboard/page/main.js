import { CallError, call, messageOf, setToken } from './api.js'
import { showBackends } from './backends.js'
import { showClock } from './clock.js'
import { find, setShown, setText } from './dom.js'
import { showFaults } from './faults.js'
import { showServices } from './services.js'
import { showSpawn } from './spawn.js'
import './tools.js'

/** In ms. */
const POLL_INTERVAL = 500

const connection = find('#connection', HTMLElement)
const content = find('#content', HTMLElement)
const signIn = find('#sign-in', HTMLFormElement)
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer
/** Counts the requests, so that an answer that comes late is not shown over a later one. */
let requests = 0

/** @param {import('../snapshot.ts').Snapshot} snapshot */
function show(snapshot) {
  const { account, now, services, backends, ended, faults, endpoints } = snapshot
  setText(find('#account', HTMLElement), account)
  const live = backends.filter((backend) => backend.live).length
  setText(find('#count', HTMLElement), `${live} live, ${ended} ended`)
  setShown(content, true)
  setShown(signIn, false)
  showSpawn(services)
  showServices(services, now)
  showBackends(snapshot)
  showFaults(faults, endpoints)
  showClock(now)
}

/** Asks for everything, again and again while the page is seen. */
async function refresh() {
  clearTimeout(timer)
  const request = ++requests
  try {
    const snapshot = await call('GET', 'state')
    if (request !== requests) return
    show(snapshot)
    setText(connection, '')
  } catch (error) {
    if (request !== requests) return
    if (error instanceof CallError && (error.status === 401 || error.status === 403)) {
      content.hidden = true
      setText(find('#sign-in-reason', HTMLElement), error.message)
      signIn.hidden = false
      return
    }
    setText(connection, messageOf(error))
  }
  if (!document.hidden) timer = setTimeout(refresh, POLL_INTERVAL)
}

signIn.addEventListener('submit', (event) => {
  event.preventDefault()
  setToken(find('#token', HTMLInputElement).value)
  signIn.reset()
  refresh()
})

document.addEventListener('changed', refresh)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) refresh()
})

refresh()
