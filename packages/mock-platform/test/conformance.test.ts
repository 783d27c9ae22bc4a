import { fileURLToPath } from 'node:url'
import { describe } from 'vitest'
import { serve } from '../../conformance/backend.mjs'
import { platformConforms } from './support/conformance.ts'

const command = [
  process.execPath,
  fileURLToPath(new URL('../../conformance/backend.mjs', import.meta.url)),
] as const
const runtimes = {
  processes: { runs: { command }, broken: { command: ['/no/such/program'] as const } },
  functions: {
    runs: { serve },
    broken: {
      serve() {
        throw new Error('It cannot be started.')
      },
    },
  },
}

// They mostly wait for backends, which several can do at once.
describe.concurrent.each(Object.entries(runtimes))(
  'the mock platform, with backends that are %s',
  (_what, programs) => platformConforms(programs),
)
