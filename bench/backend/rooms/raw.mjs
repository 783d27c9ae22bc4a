// @ts-check
import { runBackend } from '@session-backend/backend'
import { reportForBench } from '../../shared/serve-for-bench.mjs'
import { COME_IN } from './come-in.mjs'

const room = await runBackend({
  open: () => undefined,
  authorize: () => ({}),
  connected: (_room, person) => person.send(COME_IN),
  message: (opened, _person, frame) => opened.broadcast(frame),
  rate: { perSecond: 1_000_000 },
})
reportForBench(room.port)
