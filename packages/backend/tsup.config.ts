import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/storage.ts', 'src/yjs.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  // The entries share their code.
  splitting: true,
  dts: true,
  sourcemap: true,
  clean: true,
})
