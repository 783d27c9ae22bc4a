import { defineConfig } from 'tsup'

/** The app's server and the session backend; the page is built by Vite. */
export default defineConfig({
  entry: { main: 'server/main.ts', start: 'server/start.ts', backend: 'backend/main.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: ['dist/*.js', 'dist/*.js.map'],
})
