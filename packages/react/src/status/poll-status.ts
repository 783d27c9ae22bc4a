import { readPlatform } from './platform-status.ts'
import type { StatusSource } from './source.ts'

/** Polls the platform's `statusUrl` every 1 to 2 s. Use it in React Native, whose `fetch` has no streams. */
export const pollStatus: StatusSource = { read: readPlatform }
