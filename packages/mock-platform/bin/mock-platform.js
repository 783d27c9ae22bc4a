#!/usr/bin/env node
import { loadProgram } from '@session-backend/core/internal'

await loadProgram('mock-platform', () => import('../dist/cli.js'))
