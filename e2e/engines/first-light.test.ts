import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, it } from 'vitest'
import { whyNoDocker } from '../../scripts/engines/docker.mjs'
import { startEditorsPlane } from '../../scripts/engines/editor-on-plane.mjs'
import { whyNoPlane } from '../../scripts/engines/plane.mjs'
import { startEditorOnPlane } from '../example.ts'
import { describeFirstLight } from '../first-light.ts'

const backend = join(import.meta.dirname, '../../examples/express-editor/dist/backend-alone.mjs')
const missing = whyNoDocker() ?? whyNoPlane()

/** What was started, last first. */
const started: (() => Promise<unknown>)[] = []

async function start(files: Record<string, string>) {
  const mountBase = await mkdtemp(join(tmpdir(), 'session-backend-mounts-'))
  started.unshift(() => rm(mountBase, { recursive: true }))
  const engine = await startEditorsPlane({
    backend,
    mountBase,
    progress: (_, work) => work(),
  })
  started.unshift(engine.stop)
  return startEditorOnPlane(files, { ...engine, mountBase })
}

if (missing !== undefined) it('two browsers on one document, on a real Plane', ({ skip }) => skip(missing))
else {
  // Plane takes up to 25 s to sweep a backend.
  describeFirstLight('two browsers on one document, on a real Plane', { start, patience: 60_000 })
  afterAll(async () => {
    for (const stop of started) await stop()
  })
}
