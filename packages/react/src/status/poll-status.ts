import { readPlatform } from './platform-status.ts'
import type { StatusSource } from './source.ts'

/** From the platform's `statusUrl`, read every 1 to 2 s, for React Native, whose `fetch` has no streams. */
export const pollStatus: StatusSource = { read: readPlatform }
