import { call, messageOf } from './api.js'
import { find, h, showList } from './dom.js'
import { say } from './say.js'

const form = find('#spawn', HTMLFormElement)
const service = find('#service', HTMLSelectElement)

/** @param {readonly { name: string }[]} services */
export function showSpawn(services) {
  showList(
    service,
    services,
    ({ name }) => name,
    ({ name }) => h('option', { value: name }, name),
  )
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const lock = find('#lock', HTMLInputElement).value
  const tag = find('#tag', HTMLInputElement).value
  const grace = find('#grace', HTMLInputElement).value
  try {
    const { name, spawned } = await call('POST', `services/${encodeURIComponent(service.value)}/spawn`, {
      ...(lock && { lock }),
      ...(tag && { tag }),
      ...(grace && { grace_period_seconds: Number(grace) }),
    })
    say(spawned ? `Spawned ${name}.` : `${name} holds this lock already.`)
  } catch (error) {
    say(messageOf(error))
  }
})
