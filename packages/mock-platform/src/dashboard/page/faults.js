import { call, messageOf } from './api.js'
import { button, find, h, setShown, setText, showList } from './dom.js'
import { say } from './say.js'
import { counted } from './text.js'

/** @typedef {import('../../faults/faults.ts').ListedFault} ActiveFault */

/**
 * What a kind of fault is called, and the number that it takes.
 *
 * @typedef {object} Kind
 * @property {string} label
 * @property {{ name: string, label: string, initial: string, text: (value: number) => string }} [amount]
 */

/** @param {number} ms */
const by = (ms) => `by ${ms / 1000} s`

/** @type {Readonly<Record<string, Kind>>} */
const ANSWER_KINDS = {
  delay: {
    label: 'Delay the answer',
    amount: { name: 'ms', label: 'Milliseconds', initial: '2000', text: by },
  },
  hang: { label: 'Never answer' },
  reset: { label: 'Drop the connection' },
  status: {
    label: 'Answer with an error',
    amount: { name: 'status', label: 'Status code', initial: '503', text: String },
  },
  garbage: { label: 'Answer with garbage' },
  split: { label: 'Send the answer byte by byte' },
  cut: {
    label: 'Cut the answer off',
    amount: {
      name: 'bytes',
      label: 'After so many bytes',
      initial: '20',
      text: (bytes) => `after ${counted(bytes, 'byte')}`,
    },
  },
}

/** @type {Readonly<Record<string, Kind>>} */
const BACKEND_KINDS = {
  'stuck-loading': { label: 'Keep it Loading' },
  'slow-start': {
    label: 'Start it slowly',
    amount: { name: 'ms', label: 'Milliseconds', initial: '5000', text: by },
  },
  lost: { label: 'Lose it once it is Ready' },
}

/**
 * The requests that an app and its users send, in words. The others are called what the API calls them.
 *
 * @type {Readonly<Record<string, string>>}
 */
const REQUESTS = {
  spawn: 'Spawn a backend (spawn)',
  fetch: 'Find who holds a lock (fetch)',
  'v2/connect': 'Connect by v2 (v2/connect)',
  status: 'Read a status (status)',
  'status/stream': 'Follow a status (status/stream)',
  'v2/status': 'Read a status of v2 (v2/status)',
  'v2/status/stream': 'Follow a status of v2 (v2/status/stream)',
  logs: 'Read a log (logs)',
  terminate: 'Terminate a backend (terminate)',
}

const form = find('#add-fault', HTMLFormElement)
const kind = find('#fault', HTMLSelectElement)
const endpoint = find('#endpoint', HTMLSelectElement)
const amount = find('#amount', HTMLInputElement)
const times = find('#times', HTMLSelectElement)
const clear = find('#clear-faults', HTMLButtonElement)
/** @type {Map<number, string>} */
let known = new Map()

/**
 * Shows the faults that wait, and the endpoints that there are.
 *
 * @param {readonly ActiveFault[]} faults
 * @param {readonly string[]} endpoints
 */
export function showFaults(faults, endpoints) {
  // First what a developer breaks most.
  const words = Object.keys(REQUESTS)
  const sorted = [
    ...words.filter((name) => endpoints.includes(name)),
    ...endpoints.filter((name) => !words.includes(name)),
  ]
  showList(
    endpoint,
    sorted,
    (name) => name,
    (name) => h('option', { value: name }, REQUESTS[name] ?? name),
  )
  const now = new Map(faults.map((active) => [active.id, title(active)]))
  const struck = [...known].filter(([id]) => !now.has(id))
  known = now
  if (struck.length > 0) say(`The fault has struck: ${struck.map(([, text]) => text).join('; ')}.`)
  showList(
    find('#fault-list', HTMLElement),
    faults,
    ({ id }) => String(id),
    (active) =>
      h(
        'li',
        {},
        h('div', {}, h('strong', {}, title(active)), h('span', { class: 'quiet' })),
        button('Remove', { 'aria-label': `Remove: ${title(active)}` }, () => remove(active)),
      ),
    (item, active) => setText(find('.quiet', HTMLElement, item), when(active)),
  )
  setShown(clear, faults.length > 1)
  const alarm = find('#active-faults', HTMLButtonElement)
  setShown(alarm, faults.length > 0)
  setText(alarm, `${counted(faults.length, 'fault')} active`)
}

/** @param {ActiveFault} active */
function title({ fault }) {
  const { label, amount: number } = ANSWER_KINDS[fault.kind] ??
    BACKEND_KINDS[fault.kind] ?? { label: fault.kind }
  const value = number && Number(Reflect.get(fault, number.name))
  return value === undefined ? label : `${label} ${number?.text(value)}`
}

/** @param {ActiveFault} active */
function when({ fault, strikes }) {
  const what = 'endpoint' in fault ? `${fault.endpoint}, ` : ''
  const unit = 'endpoint' in fault ? 'request' : 'backend'
  // JSON has no word for Infinity but null.
  if (fault.times === null) return `${what}each ${unit} until it is removed`
  const left = (fault.times ?? 1) - strikes
  return `${what}the next ${left === 1 ? unit : counted(left, unit)}`
}

/** @param {ActiveFault} active */
function remove(active) {
  forget(active.id)
  change('faults/remove', { id: active.id }, 'The fault was removed.')
}

/**
 * What the user removes has not struck.
 *
 * @param {number} id
 */
function forget(id) {
  known.delete(id)
}

/** @param {string} name */
function kindOf(name) {
  return ANSWER_KINDS[name] ?? BACKEND_KINDS[name]
}

/** Shows the fields that belong to the kind of fault. */
function showFields() {
  const number = kindOf(kind.value)?.amount
  find('#endpoint-field', HTMLElement).hidden = !(kind.value in ANSWER_KINDS)
  find('#amount-field', HTMLElement).hidden = number === undefined
  amount.disabled = number === undefined
  setText(find('#amount-label', HTMLElement), number?.label ?? '')
  amount.value = number?.initial ?? ''
}

function readFault() {
  const number = kindOf(kind.value)?.amount
  return {
    kind: kind.value,
    times: times.value === '' ? null : Number(times.value),
    ...(kind.value in ANSWER_KINDS && { endpoint: endpoint.value }),
    ...(number && { [number.name]: Number(amount.value) }),
  }
}

/**
 * @param {string} path
 * @param {unknown} body
 * @param {string} done
 */
async function change(path, body, done) {
  try {
    await call('POST', path, body)
    say(done)
  } catch (error) {
    say(messageOf(error))
  }
}

for (const [i, kinds] of [ANSWER_KINDS, BACKEND_KINDS].entries()) {
  const options = Object.entries(kinds).map(([value, { label }]) => h('option', { value }, label))
  kind.children[i]?.append(...options)
}
form.addEventListener('submit', (event) => {
  event.preventDefault()
  change('faults/add', { fault: readFault() }, 'The fault was added.')
})
clear.addEventListener('click', () => {
  known.clear()
  change('faults/clear', {}, 'All faults were removed.')
})
kind.addEventListener('change', showFields)
showFields()
