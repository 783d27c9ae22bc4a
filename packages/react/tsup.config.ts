import { readdir, readFile, writeFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'

const DIRECTIVE = '"use client";'

export default defineConfig({
  entry: [
    'src/index.ts',
    'src/client.ts',
    'src/messages.ts',
    'src/yjs.ts',
    'src/socket-io.ts',
    'src/testing.ts',
  ],
  format: ['esm', 'cjs'],
  target: 'es2022',
  // The entries share their code: the context that `testing` provides is the one that the hooks read.
  splitting: true,
  // Editors offer apps what is public only.
  dts: { compilerOptions: { stripInternal: true } },
  sourcemap: true,
  clean: true,
  // With splitting, the directives in the sources are lost. A banner would also be put into files without React.
  async onSuccess() {
    const files = await readdir('dist')
    for (const file of files.filter((name) => /\.c?js$/.test(name))) {
      const code = await readFile(`dist/${file}`, 'utf8')
      const importsReact = /(from|require\() ?["']react["']/.test(code)
      if (importsReact && !code.startsWith(DIRECTIVE)) await writeFile(`dist/${file}`, DIRECTIVE + code)
    }
  },
})
