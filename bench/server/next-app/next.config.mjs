import { join } from 'node:path'

const workspace = join(import.meta.dirname, '../../..')

export default {
  outputFileTracingRoot: workspace,
  turbopack: { root: workspace },
  // Types are checked with those of the whole workspace.
  typescript: { ignoreBuildErrors: true },
}
