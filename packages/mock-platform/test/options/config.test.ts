import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defineConfig } from '../../src/index.ts'
import { readConfig } from '../../src/options/config.ts'
import { tempFolder } from '../support/temp-folder.ts'

function write(text: string): string {
  const path = join(tempFolder(), 'config.mjs')
  writeFileSync(path, text)
  return path
}

describe('a configuration file', () => {
  it('exports the options', async () => {
    expect(await readConfig(write('export default { account: "acme" }'))).toEqual({ account: 'acme' })
  })

  it('has the options that defineConfig was given', () => {
    const options = { account: 'acme', services: { editor: { command: ['node'] } } } as const
    expect(defineConfig(options)).toBe(options)
  })

  it.each([
    ['has no default export', 'export const account = "acme"'],
    ['exports no options', 'export default "acme"'],
    ['fails', 'throw new Error("no such variable")'],
  ])('that %s is refused by its name', async (_, text) => {
    const path = write(text)
    await expect(readConfig(path)).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(/^`--config` must be a module .*, got /),
    })
  })

  it('is refused with the reason if the file does not exist', async () => {
    await expect(readConfig('no/such/file.mjs')).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(
        /^`--config` must be a module that can be loaded, got "no\/such\/file\.mjs"\. ./,
      ),
    })
  })
})
