/**
 * Why a program can't run on this Node, and what to do; `undefined` if it can. Other runtimes tell the Node
 * that they stand for.
 *
 * @param program What the message names.
 */
export function whyNotThisNode(
  program: string,
  version: string | undefined = globalThis.process?.versions?.node,
): string | undefined {
  if (version === undefined) return undefined
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return undefined
  return `${program} needs Node 20.19 or later, got ${version}. Install a later one from https://nodejs.org, then try again.`
}

/**
 * Loads a program, or says why it can't run here. It must be loaded by `import()`: an old Node can't link it, so
 * it would end before a line of ours runs.
 */
export async function loadProgram(program: string, load: () => Promise<unknown>): Promise<void> {
  const reason = whyNotThisNode(program)
  if (reason === undefined) {
    await load()
    return
  }
  console.error(reason)
  process.exitCode = 1
}
