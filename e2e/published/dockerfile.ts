import { cp, mkdir, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { ENV, run } from './created-app.ts'

/** What runs as the container. */
export interface Container {
  command: [string, ...string[]]
  /** The folder of the image's files. */
  cwd: string
  env: Record<string, string>
}

/**
 * Does what an app's Dockerfile says, without Docker: in an empty folder instead of an image, with the Node of
 * its FROM. It knows the instructions that the templates use, and no others.
 */
export async function followDockerfile(app: string, cwd: string): Promise<Container> {
  await mkdir(cwd)
  const env: Record<string, string> = { PATH: process.env.PATH ?? '' }
  let command: unknown
  for (const line of await instructionsOf(join(app, 'Dockerfile'))) {
    const [, instruction, rest = ''] = /^(\w+) (.*)$/.exec(line) ?? []
    if (instruction === 'FROM') env.PATH = `${await installNode(rest, `${cwd}-node`)}${delimiter}${env.PATH}`
    else if (instruction === 'COPY') await copy(app, cwd, rest.split(' '))
    else if (instruction === 'RUN') await run('/bin/sh', ['-c', rest], { cwd, env: { ...ENV, ...env } })
    else if (instruction === 'ENV') Object.assign(env, Object.fromEntries([rest.split('=')]))
    else if (instruction === 'CMD') command = JSON.parse(rest)
    // The folder is the working directory, and whose processes they are makes no difference to them.
    else if (instruction !== 'WORKDIR' && instruction !== 'USER')
      throw new Error(`What does this do? ${line}`)
  }
  const [program, ...args] = Array.isArray(command) ? command.map(String) : []
  if (program === undefined) throw new Error('The Dockerfile has no CMD.')
  return { command: [program, ...args], cwd, env }
}

async function instructionsOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8')
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

/** Installs the Node of an image such as node:24-slim. Returns the folder of its programs. */
export async function installNode(image: string, folder: string): Promise<string> {
  const [, version] = /^node:(\d+)-slim$/.exec(image) ?? []
  if (version === undefined) throw new Error(`The image must be node:VERSION-slim, got ${image}.`)
  await mkdir(folder)
  await run('npm', ['install', '--prefix', folder, `node@${version}`], { env: ENV })
  return join(folder, 'node_modules/node/bin')
}

async function copy(app: string, cwd: string, paths: string[]): Promise<void> {
  if (paths.pop() !== './') throw new Error('COPY must copy to ./.')
  for (const path of paths) await cp(join(app, path), join(cwd, path), { recursive: true })
}
