import { copyFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/internal.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  dts: true,
  sourcemap: true,
  clean: true,
  // Bundled because its current versions are ESM for Node 22 and later; ours also run as CommonJS and on Node 20.
  noExternal: ['eventsource-parser'],
  // The MIT licence asks for its text wherever the code goes.
  onSuccess: () => copyFile('node_modules/eventsource-parser/LICENSE', 'dist/eventsource-parser.LICENSE.txt'),
})
