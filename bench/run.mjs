// @ts-check
// npm run bench: the server's routes, the mock platform, the backend's room, and a click in a browser. `-- server`, `-- platform`,
// `-- backend` or `-- click`: one of them. --quick: fewer cells and rounds. --no-next: without the build of a Next app. --no-peers: without other servers of rooms.
import { parseArgs } from 'node:util'
import { benchBackend } from './backend/bench.mjs'
import { benchClick } from './click/bench.mjs'
import { benchPlatform } from './platform/bench.mjs'
import { benchServer } from './server/bench.mjs'

const NAMES = ['server', 'platform', 'backend', 'click']

const { values: flags, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    next: { type: 'boolean', default: true },
    peers: { type: 'boolean', default: true },
  },
  allowNegative: true,
  allowPositionals: true,
})
const wanted = positionals.length > 0 ? positionals : NAMES
const unknown = wanted.find((name) => !NAMES.includes(name))
if (unknown !== undefined) throw new Error(`There is no bench "${unknown}". There are ${NAMES.join(', ')}.`)

if (wanted.includes('server')) await benchServer(flags)
if (wanted.includes('platform')) await benchPlatform(flags)
if (wanted.includes('backend')) await benchBackend(flags)
if (wanted.includes('click')) await benchClick(flags)
