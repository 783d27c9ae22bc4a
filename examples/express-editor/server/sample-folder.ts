import { cp } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const samples = join(dirname(fileURLToPath(import.meta.url)), '..', 'sample')

/**
 * Copies the sample files to where they can be edited, except for those that are there already. Returns the
 * folder.
 */
export async function copySampleFolder(stateFolder: string): Promise<string> {
  const folder = join(stateFolder, 'sample')
  await cp(samples, folder, { recursive: true, force: false })
  return folder
}
