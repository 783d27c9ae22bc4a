/** @type {readonly string[]} */
const PHASES = ['Loading', 'Starting', 'Ready']

/** @type {Readonly<Record<string, string>>} */
const TEXTS = {
  Loading: 'Loading the backend.',
  Starting: 'The backend is starting.',
  Ready: 'Ready. Opening it…',
}

/**
 * Why a backend ended, and what to do about it.
 *
 * @type {Readonly<Record<string, readonly [title: string, text: string, advice: string]>>}
 */
const ENDINGS = {
  Swept: [
    'This session was closed',
    'Nobody was connected for a while, so the backend was stopped.',
    'Go back and open the document again: a new backend will be started.',
  ],
  Exited: [
    'This session has ended',
    'The backend has finished its work.',
    'Go back and open the document again if you need it.',
  ],
  Terminated: [
    'This session was stopped',
    'Somebody terminated the backend.',
    'Go back and open the document again to start a new one.',
  ],
  ErrorLoading: [
    'The backend could not be loaded',
    'Its program or image was not found.',
    'For developers: check the service, its command and its tag. The log of the backend has the cause.',
  ],
  ErrorStarting: [
    'The backend could not be started',
    'It was found, but starting it failed.',
    'For developers: the log of the backend has the cause.',
  ],
  TimedOutBeforeReady: [
    'The backend took too long',
    'It did not accept connections in time, so it was stopped.',
    'Try to open the document again. For developers: the backend must listen on the port in PORT.',
  ],
  Failed: [
    'The backend has crashed',
    'It ended with an error.',
    'Go back and open the document again. For developers: the end of its log says why.',
  ],
  Lost: [
    'The backend was lost',
    'The platform lost track of it.',
    'Go back and open the document again to start a new one.',
  ],
}
const EXPECTED = ['Swept', 'Exited', 'Terminated']

/** How a status stream's connection that is lost for good is tried again, in ms. */
const RETRY_AFTER = 2000

/** @param {string} selector */
function find(selector) {
  const element = document.querySelector(selector)
  if (element instanceof HTMLElement) return element
  throw new Error(`The page has no ${selector}.`)
}

const main = find('main')
const time = find('#time')
const { name = '', url = '' } = main.dataset
const statusUrl = `/backend/${encodeURIComponent(name)}/status`
const opened = Date.now()
let phase = -1
/** @type {EventSource | undefined} */
let stream
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retry

find('#back').addEventListener('click', () => history.back())
find('#again').addEventListener('click', startAgain)

const ticking = setInterval(() => {
  time.textContent = `${Math.round((Date.now() - opened) / 1000)} s`
}, 1000)

/**
 * A screen reader repeats what is set again, even if it is the same.
 *
 * @param {string} text
 */
function say(text) {
  const status = find('#status')
  if (status.textContent !== text) status.textContent = text
}

/** @param {string} state */
function showPhase(state) {
  phase = PHASES.indexOf(state)
  main.dataset.phase = state
  for (const [i, item] of document.querySelectorAll('li').entries()) {
    item.classList.toggle('done', i < phase)
    if (i === phase) item.setAttribute('aria-current', 'step')
    else item.removeAttribute('aria-current')
  }
  find('.bar').setAttribute('aria-valuetext', state)
  say(TEXTS[state] ?? state)
}

function finish() {
  clearInterval(ticking)
  clearTimeout(retry)
  stream?.close()
  time.hidden = true
}

/**
 * @param {'ended' | 'failed'} kind
 * @param {readonly [title: string, text: string, advice: string]} explanation
 */
function explain(kind, [title, text, advice]) {
  finish()
  main.classList.add(kind)
  document.title = title
  find('h1').textContent = title
  say(text)
  find('#advice').textContent = advice
  find('#advice').hidden = false
  find('h1').focus()
  // In a frame of the app, and in a new tab, there is no page to go back to.
  find('#back').hidden = window !== window.parent || history.length < 2
}

/** @param {string} name */
const below = (name) => location.pathname.replace(/\/?$/, `/${name}`)

/**
 * Shows the last lines that a backend printed before it failed, and the way to start it again. The platform offers both
 * on its own machine only.
 */
async function showLog() {
  if (!('log' in main.dataset)) return
  const answer = await fetch(below('log')).catch(() => undefined)
  const { lines = [], retry: canRetry = false } = answer?.ok ? await answer.json() : {}
  const log = find('#log pre')
  log.textContent = lines.join('\n')
  find('#log').hidden = lines.length === 0
  log.scrollTop = log.scrollHeight
  find('#again').hidden = !canRetry
  if (canRetry) find('#back button').textContent = 'Go back'
}

/** Starts the backend again, and follows the new one in the place of this page. */
async function startAgain() {
  say('Starting it again…')
  const answer = await fetch(below('retry'), { method: 'POST' }).catch(() => undefined)
  const body = await answer?.json().catch(() => undefined)
  // The new page is at this origin, also if the platform has another name.
  if (answer?.ok) location.replace(new URL(body.ready_url).pathname)
  else say(body?.error?.message ?? 'The platform is not responding. Try again.')
}

/** @param {string} state */
function receive(state) {
  const ending = Object.hasOwn(ENDINGS, state) ? ENDINGS[state] : undefined
  if (ending) {
    const isFailure = !EXPECTED.includes(state)
    explain(isFailure ? 'failed' : 'ended', ending)
    if (isFailure) void showLog()
  } else if (PHASES.indexOf(state) > phase) {
    showPhase(state)
    if (state !== 'Ready') return
    finish()
    find('#open').hidden = false
    location.replace(url)
  }
}

/** @param {string} data */
function parse(data) {
  try {
    return String(JSON.parse(data).state)
  } catch {
    // What makes no sense is no step.
    return ''
  }
}

function follow() {
  const source = new EventSource(`${statusUrl}/stream`)
  stream = source
  source.onopen = () => say(TEXTS[PHASES[phase] ?? 'Loading'] ?? '')
  source.onmessage = ({ data }) => receive(parse(data))
  source.onerror = () => {
    say('The connection to the platform was lost. Retrying…')
    // A browser connects again by itself after a cut, but not after an answer that is no stream.
    if (source.readyState === EventSource.CLOSED) retry = setTimeout(check, RETRY_AFTER)
  }
}

async function check() {
  const answer = await fetch(statusUrl).catch(() => undefined)
  if (answer?.status !== 404) follow()
  else {
    explain('failed', [
      'There is no such backend',
      'The platform no longer knows it.',
      'Go back and open the document again to start a new one.',
    ])
  }
}

follow()
