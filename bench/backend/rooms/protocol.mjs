// @ts-check
// Each message is parsed, checked and written again.
import { defineProtocol, runBackend } from '@session-backend/backend'
import * as v from 'valibot'
import { reportForBench } from '../../shared/serve-for-bench.mjs'
import { COME_IN } from './come-in.mjs'

const Said = v.object({ id: v.string(), text: v.string() })

const room = await runBackend({
  protocol: defineProtocol({ toBackend: { say: Said }, toPage: { say: Said, [COME_IN]: v.undefined() } }),
  open: () => undefined,
  authorize: () => ({}),
  connected: (_room, person) => person.send(COME_IN),
  messages: { say: (opened, _person, said) => opened.broadcast('say', said) },
  rate: { perSecond: 1_000_000 },
})
reportForBench(room.port)
