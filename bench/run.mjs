// @ts-check
// npm run bench: the server's routes and the mock platform. `-- server` or `-- platform`: one of them.
// --quick: fewer cells and rounds. --no-next: without the build of a Next app.
import { parseArgs } from 'node:util'
import { benchPlatform } from './platform/bench.mjs'
import { benchServer } from './server/bench.mjs'

const NAMES = ['server', 'platform']

const { values: flags, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, next: { type: 'boolean', default: true } },
  allowNegative: true,
  allowPositionals: true,
})
const wanted = positionals.length > 0 ? positionals : NAMES
const unknown = wanted.find((name) => !NAMES.includes(name))
if (unknown !== undefined) throw new Error(`There is no bench "${unknown}": server and platform are the two.`)

if (wanted.includes('server')) await benchServer(flags)
if (wanted.includes('platform')) await benchPlatform(flags)
