import { call, messageOf } from './api.js'
import { find, h, setText, showList } from './dom.js'

/** @typedef {import('../snapshot.ts').Snapshot['faults'][number]} ActiveFault */

const form = find('#add-fault', HTMLFormElement)
const kind = find('#fault', HTMLSelectElement)
const endpoint = find('#endpoint', HTMLSelectElement)
const amount = find('#amount', HTMLInputElement)
const result = find('#fault-result', HTMLElement)

/**
 * Shows the faults that wait, and the endpoints that there are.
 *
 * @param {readonly ActiveFault[]} faults
 * @param {readonly string[]} endpoints
 */
export function showFaults(faults, endpoints) {
  showList(
    endpoint,
    endpoints,
    (name) => name,
    // Most of what goes wrong is met while a document is opened.
    (name) => h('option', name === 'spawn' ? { value: name, selected: '' } : { value: name }, name),
  )
  showList(
    find('#faults', HTMLElement),
    faults.map((active, i) => ({ active, id: `${i} ${describe(active)}` })),
    ({ id }) => id,
    ({ active }) => h('li', {}, describe(active)),
  )
  find('#clear-faults', HTMLButtonElement).hidden = faults.length === 0
}

/** @param {ActiveFault} active */
function describe({ fault, strikes }) {
  // JSON has no word for Infinity but null.
  const left = fault.times === null ? 'always' : `${(fault.times ?? 1) - strikes} to come`
  return `${'endpoint' in fault ? `${fault.endpoint}: ` : ''}${fault.kind}, ${left}`
}

/** Shows the fields that belong to the kind of fault. */
function showFields() {
  const option = kind.selectedOptions[0]
  const { label, default: value } = option?.dataset ?? {}
  find('#endpoint-field', HTMLElement).hidden = option?.parentElement !== kind.firstElementChild
  find('#amount-field', HTMLElement).hidden = label === undefined
  amount.disabled = label === undefined
  setText(find('#amount-label', HTMLElement), label ?? '')
  amount.value = value ?? ''
}

function readFault() {
  const name = kind.selectedOptions[0]?.dataset.amount
  return {
    kind: kind.value,
    times: Number(find('#times', HTMLInputElement).value),
    ...(!find('#endpoint-field', HTMLElement).hidden && { endpoint: endpoint.value }),
    ...(name !== undefined && { [name]: Number(amount.value) }),
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
    setText(result, done)
  } catch (error) {
    setText(result, messageOf(error))
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  change('faults/add', { fault: readFault() }, 'The fault was added.')
})
find('#clear-faults', HTMLButtonElement).addEventListener('click', () => {
  change('faults/clear', {}, 'All faults were removed.')
})
kind.addEventListener('change', showFields)
showFields()
