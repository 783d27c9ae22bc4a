#!/usr/bin/env node
import { whyNotThisNode } from '@session-backend/core/internal'

const reason = whyNotThisNode('create-session-backend')
if (reason === undefined) {
  // Not a static import, because an old Node can't link the program.
  await import('./command-line.ts')
} else {
  console.error(reason)
  process.exitCode = 1
}
