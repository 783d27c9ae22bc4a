#!/usr/bin/env node
import { loadProgram } from '@session-backend/core/internal'

await loadProgram('create-session-backend', () => import('./command-line.ts'))
