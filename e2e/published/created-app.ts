import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { dependenciesOf, installApp, PACKAGES, pack } from './packed.ts'

export const run = promisify(execFile)

/** What npm would say about itself, and what it asks its registry for. */
const QUIET = {
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  npm_config_prefer_offline: 'true',
  NEXT_TELEMETRY_DISABLED: '1',
}

/** The environment of all that a created app runs. */
export const ENV = { ...process.env, ...QUIET }

/** Installs the packed create-session-backend into a folder. Returns the path of its program. */
export async function installCreate(folder: string, tarball: string): Promise<string> {
  await mkdir(folder)
  const dependencies = { 'create-session-backend': `file:${tarball}` }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
  await installApp(folder)
  return createRequire(join(folder, 'package.json')).resolve('create-session-backend/dist/main.js')
}

/** Has an app take our packages from their tarballs: they are not published yet. */
export async function dependOnTarballs(app: string, tarballs: ReadonlyMap<string, string>): Promise<void> {
  const path = join(app, 'package.json')
  const manifest = JSON.parse(await readFile(path, 'utf8'))
  const ours = dependenciesOf(tarballs)
  const overrides = { ...ours }
  for (const group of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(manifest[group])) {
      if (ours[name] === undefined) continue
      manifest[group][name] = ours[name]
      // npm refuses to override what the app itself depends on.
      delete overrides[name]
    }
  }
  await writeFile(path, JSON.stringify({ ...manifest, overrides }, null, 2))
}

/**
 * Packs all that a created app needs into a folder. `create` makes an app there, as `npm create session-backend`
 * does, with our packages from their tarballs, and resolves to the app's folder. `bin` is the program's path.
 */
export async function packTemplates(folder: string) {
  const tarballs = await pack(folder, [...PACKAGES, 'create'])
  const bin = await installCreate(join(folder, 'tool'), tarballs.get('create') ?? '')
  tarballs.delete('create')
  const create = async (name: string, template: string): Promise<string> => {
    const app = join(folder, name)
    await run(process.execPath, [bin, name, '--template', template], { cwd: folder })
    await dependOnTarballs(app, tarballs)
    return app
  }
  return { bin, create }
}

/** Runs npm in a created app. */
export const npm = (app: string, ...args: string[]) => run('npm', args, { cwd: app, env: ENV })

/** In which unit Linux tells the time that processes have used, in Hz. */
const TICKS = 100

/**
 * The processor time that this process's ended children and the given processes have used, in s. It hardly
 * depends on what else the machine does. Linux only.
 */
export async function processorTime(pids: readonly number[]): Promise<number> {
  const [own, ...others] = await Promise.all([process.pid, ...pids].map(statOf))
  const ofChildren = ({ cutime, cstime }: Stat) => cutime + cstime
  const whole = (stat: Stat) => stat.utime + stat.stime + ofChildren(stat)
  const ticks = others.reduce((sum, stat) => sum + whole(stat), own ? ofChildren(own) : 0)
  return ticks / TICKS
}

type Stat = Record<'utime' | 'stime' | 'cutime' | 'cstime', number>

async function statOf(pid: number): Promise<Stat> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // The name of the program, in parentheses, may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15).map(Number)
  return { utime, stime, cutime, cstime }
}
