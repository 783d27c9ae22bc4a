import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { recipe } from '../recipes/recipe.ts'

const run = promisify(execFile)

/** Kept between runs: it has 100 packages. */
const ENVIRONMENT = join(import.meta.dirname, '../../node_modules/.cache/jupyterlab')

export async function installJupyterLab(): Promise<void> {
  if (existsSync(join(ENVIRONMENT, 'bin/jupyter-lab'))) return
  await run('python3', ['-m', 'venv', ENVIRONMENT])
  await run(join(ENVIRONMENT, 'bin/pip'), ['install', '--quiet', 'jupyterlab==4.*'])
}

/** The script of the recipe in docs/url-prefix.md. */
export async function jupyterLabScript(): Promise<string> {
  const [script = ''] = await recipe('JupyterLab')
  // Jupyter refuses to be root, which a test machine's user may be.
  return process.getuid?.() === 0 ? `${script.trimEnd()} --allow-root` : script
}

/** The variables with which JupyterLab is found, and keeps everything below a folder. */
export function jupyterLabVariables(folder: string): Record<string, string> {
  const home = join(folder, '.home')
  return {
    PATH: `${ENVIRONMENT}/bin:${process.env.PATH}`,
    ...{ HOME: home, JUPYTER_CONFIG_DIR: home, JUPYTER_DATA_DIR: home, JUPYTER_RUNTIME_DIR: home },
  }
}
