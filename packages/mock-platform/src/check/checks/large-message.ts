import type { BackendInLab } from '../lab/backend-in-lab.ts'
import { within } from '../lab/deadline.ts'
import { Finding } from '../lab/finding.ts'
import type { Lab } from '../lab/lab.ts'
import { inWords } from '../lab/page-socket.ts'
import { size } from '../lab/words.ts'
import { type Check, pass } from './check.ts'

/** How long it may take until a large message has been read or refused, in ms. */
const LIMIT = 30_000

/** One page's message must not hurt the others. */
export const largeMessage: Check = {
  name: 'large-message',
  title: 'Survives a message of 16 MB',
  tried: ({ largeMessage: bytes }) =>
    `Sent a text and a binary message of ${size(bytes)} over a WebSocket each, while another page was connected, and connected again.`,
  limit: 120_000,
  needs: ['websocket'],
  async run(lab) {
    const backend = await lab.openBackend()
    const witness = await lab.openPage(backend)
    const bytes = lab.scale.largeMessage
    const text = await sendLarge(lab, backend, 'x'.repeat(bytes))
    const binary = await sendLarge(lab, backend, Buffer.alloc(bytes))
    backend.throwIfEnded()
    if (witness.closing) throw new Finding(`The other page was ${inWords(witness.closing)}.`, ADVICE)
    await lab.openPage(backend)
    return pass(`Text: ${text}. Binary: ${binary}. The other page stayed connected.`)
  },
}

/** Resolves to what became of the connection. */
async function sendLarge(lab: Lab, backend: BackendInLab, data: string | Buffer): Promise<string> {
  const page = await lab.openPage(backend)
  page.send(data)
  const late = () =>
    new Finding(`It neither answered a ping nor closed the connection within ${LIMIT / 1000} s.`, ADVICE)
  await within(page.answersPing(), LIMIT, lab.signal, late)
  const { closing } = page
  page.cut()
  return closing ? `the connection was ${inWords(closing)}` : 'it was read'
}

const ADVICE =
  'Limit the size of messages (`maxPayload` of ws, 1 MiB is plenty), and let an error in one connection end only that connection.'
