import { defineConfig } from 'tsup'

const shared = { format: 'esm', target: 'node20', platform: 'node', sourcemap: true } as const

/** The app's server and the session backend; the page is built by Vite. */
export default defineConfig([
  {
    ...shared,
    entry: { main: 'server/main.ts', start: 'server/start.ts', backend: 'backend/main.ts' },
    clean: ['dist/*.js', 'dist/*.js.map'],
  },
  {
    ...shared,
    // The backend with all that it imports, in one file: for an image.
    entry: { 'backend-alone': 'backend/main.ts' },
    noExternal: [/./],
    clean: ['dist/*.mjs', 'dist/*.mjs.map'],
    outExtension: () => ({ js: '.mjs' }),
    // What is CommonJS still asks for Node's own modules.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  },
])
