import type { BackendInLab } from '../lab/backend-in-lab.ts'
import { Finding } from '../lab/finding.ts'
import type { Lab } from '../lab/lab.ts'
import { count, size } from '../lab/words.ts'
import { type Check, pass } from './check.ts'

/** How many batches are not counted: caches fill, and code is compiled. */
const WARM_UP = 2
/** How many batches are compared. */
const BATCHES = 4
/** How many connections are open at a time. */
const AT_ONCE = 20

/** People come and go all day. */
export const memory: Check = {
  name: 'memory',
  title: 'Frees what connections needed',
  tried: ({ connections }) =>
    `Opened and closed ${count((WARM_UP + BATCHES) * connections, 'connection')} (requests, if it has no WebSocket), and looked at the memory of the backend after every ${connections.toLocaleString('en')}.`,
  limit: 240_000,
  needs: ['linux'],
  async run(lab) {
    const backend = await lab.openBackend()
    const sizes: number[] = []
    for (let batch = 0; batch < WARM_UP + BATCHES; batch++) {
      await openAndClose(lab, backend)
      if (batch >= WARM_UP - 1) sizes.push(await backend.processes.memory())
    }
    backend.throwIfEnded()
    const [first = 0] = sizes
    const last = sizes.at(-1) ?? 0
    const perConnection = (last - first) / (BATCHES * lab.scale.connections)
    const grewEachTime = sizes.slice(1).every((each, i) => each > (sizes[i] ?? 0))
    const happened = `Its memory went from ${size(first)} to ${size(last)}: ${size(Math.max(perConnection, 0))} for each connection.`
    if (grewEachTime && perConnection > lab.scale.connectionLimit) throw new Finding(happened, ADVICE)
    return pass(`${happened} The limit is ${size(lab.scale.connectionLimit)}.`)
  },
}

async function openAndClose(lab: Lab, backend: BackendInLab): Promise<void> {
  const { connections } = lab.scale
  let left = connections
  const worker = async () => {
    while (left-- > 0) await (lab.offers('websocket') ? openPage() : request())
  }
  const openPage = async () => {
    const page = await lab.openPage(backend)
    page.close()
    await page.closed
  }
  const request = async () => {
    await (await fetch(backend.url, { signal: lab.signal })).arrayBuffer()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

const ADVICE =
  'Look for listeners, timers and entries of maps that outlive their connection: node --inspect shows them in two heap snapshots.'
