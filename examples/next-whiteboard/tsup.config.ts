import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { main: 'server/main.ts', backend: 'backend/main.ts' },
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  clean: true,
})
