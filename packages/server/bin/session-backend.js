#!/usr/bin/env node
import { loadProgram } from '@session-backend/core/internal'

await loadProgram('session-backend', () => import('../dist/cli/main.js'))
