import { readdir, readFile, writeFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'

const DIRECTIVE = '"use client";'

export default defineConfig({
  entry: ['src/index.ts', 'src/yjs.ts', 'src/testing.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  // The entries share their code: the context that `testing` provides is the one that the hooks read.
  splitting: true,
  // With splitting, the directives in the sources are lost.
  banner: { js: DIRECTIVE },
  dts: true,
  sourcemap: true,
  clean: true,
  // In CommonJS, splitting puts helpers before the banner, where it is no directive any more.
  async onSuccess() {
    const files = await readdir('dist')
    for (const file of files.filter((name) => name.endsWith('.cjs'))) {
      const code = await readFile(`dist/${file}`, 'utf8')
      if (!code.startsWith(DIRECTIVE)) await writeFile(`dist/${file}`, DIRECTIVE + code)
    }
  },
})
