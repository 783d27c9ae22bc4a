import { copyFile, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { defineConfig, type Options } from 'tsup'

/** Puts a file's text into the bundle: `import text from './page.css?raw'`, as Vite does in tests. */
const rawText: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'raw-text',
  setup(build) {
    // The ending stays: tsup takes for itself what ends in .css.
    build.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path),
      namespace: 'raw-text',
    }))
    build.onLoad({ filter: /\?raw$/, namespace: 'raw-text' }, async ({ path }) => ({
      contents: await readFile(path.replace(/\?raw$/, ''), 'utf8'),
      loader: 'text',
    }))
  },
}

export default defineConfig({
  entry: { index: 'src/index.ts', vitest: 'src/vitest.ts', cli: 'src/cli/index.ts' },
  format: ['esm', 'cjs'],
  target: 'es2022',
  // The program is not imported by anybody: it needs no types.
  dts: { entry: ['src/index.ts', 'src/vitest.ts'] },
  // Lets the program find its package.json in both formats.
  shims: true,
  sourcemap: true,
  clean: true,
  esbuildPlugins: [rawText],
  // The shims come from tsup: its MIT licence must go with them.
  onSuccess: () => copyFile('../../node_modules/tsup/LICENSE', 'dist/tsup.LICENSE.txt'),
})
