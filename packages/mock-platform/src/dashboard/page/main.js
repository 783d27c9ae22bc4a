import { CallError, call, messageOf, setToken } from './api.js'
import { showBackends } from './backends.js'
import { find, h, setText, showList } from './dom.js'
import { showFaults } from './faults.js'
import { openLog } from './logs.js'

/** In ms. */
const POLL_INTERVAL = 500

const connection = find('#connection', HTMLElement)
const content = find('#content', HTMLElement)
const signIn = find('#sign-in', HTMLFormElement)
const spawnForm = find('#spawn', HTMLFormElement)
const service = find('#service', HTMLSelectElement)
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer

/** @param {import('../snapshot.ts').Snapshot} snapshot */
function show({ account, services, backends, faults, endpoints }) {
  setText(find('#account', HTMLElement), account)
  content.hidden = false
  signIn.hidden = true
  showList(
    service,
    services,
    (name) => name,
    (name) => h('option', { value: name }, name),
  )
  const live = backends.filter((backend) => backend.live)
  const counts = `${live.length} live, ${backends.length - live.length} ended`
  setText(find('#count', HTMLElement), backends.length === 0 ? '' : counts)
  find('#no-backends', HTMLElement).hidden = backends.length > 0
  showBackends(find('#list', HTMLElement), backends, act, openLog)
  showLocks(live)
  showFaults(faults, endpoints)
}

/** @param {readonly import('../snapshot.ts').BackendView[]} live */
function showLocks(live) {
  const locked = live.filter(({ lock }) => lock !== null)
  find('#no-locks', HTMLElement).hidden = locked.length > 0
  find('#locks', HTMLTableElement).hidden = locked.length === 0
  showList(
    find('#locks tbody', HTMLElement),
    locked,
    ({ name }) => name,
    ({ name, lock, fencingToken }) =>
      h(
        'tr',
        {},
        h('td', { class: 'mono' }, lock ?? ''),
        h('td', {}, h('a', { href: `#backend-${name}` }, name)),
        h('td', { class: 'mono' }, String(fencingToken)),
      ),
  )
}

/** Asks for everything, again and again while the page is seen. */
async function refresh() {
  clearTimeout(timer)
  try {
    show(await call('GET', 'state'))
    setText(connection, '')
  } catch (error) {
    if (error instanceof CallError && (error.status === 401 || error.status === 403)) {
      content.hidden = true
      setText(find('#sign-in-reason', HTMLElement), error.message)
      signIn.hidden = false
      return
    }
    setText(connection, messageOf(error))
  }
  clearTimeout(timer)
  if (!document.hidden) timer = setTimeout(refresh, POLL_INTERVAL)
}

/**
 * @param {string} name
 * @param {string} action
 */
async function act(name, action) {
  const result = find('#result', HTMLElement)
  try {
    await call('POST', `backends/${encodeURIComponent(name)}/${action}`)
    setText(result, `Asked to ${action} ${name}.`)
  } catch (error) {
    setText(result, messageOf(error))
  }
  refresh()
}

async function spawn() {
  const lock = find('#lock', HTMLInputElement).value
  const tag = find('#tag', HTMLInputElement).value
  const grace = find('#grace', HTMLInputElement).value
  const result = find('#result', HTMLElement)
  try {
    const { name, spawned } = await call('POST', `services/${encodeURIComponent(service.value)}/spawn`, {
      ...(lock && { lock }),
      ...(tag && { tag }),
      ...(grace && { grace_period_seconds: Number(grace) }),
    })
    setText(result, spawned ? `Spawned ${name}.` : `${name} holds this lock already.`)
  } catch (error) {
    setText(result, messageOf(error))
  }
  refresh()
}

spawnForm.addEventListener('submit', (event) => {
  event.preventDefault()
  spawn()
})

signIn.addEventListener('submit', (event) => {
  event.preventDefault()
  setToken(find('#token', HTMLInputElement).value)
  signIn.reset()
  refresh()
})

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) refresh()
})

refresh()
