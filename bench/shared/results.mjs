// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../results')

/**
 * Prints the results, and writes them to `results`: for people, for programs, and as pictures.
 * @param {string} name
 * @param {string} text
 * @param {object} data
 * @param {Record<string, string>} plots
 */
export function writeResults(name, text, data, plots = {}) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.md`), text)
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(data, null, 2)}\n`)
  for (const [file, svg] of Object.entries(plots)) writeFileSync(join(folder, file), svg)
  console.log(text)
}
