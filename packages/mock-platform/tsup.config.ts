import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/cli.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  // The program is not imported by anybody: it needs no types.
  dts: { entry: ['src/index.ts'] },
  // Lets the program find its package.json in both formats.
  shims: true,
  sourcemap: true,
  clean: true,
})
