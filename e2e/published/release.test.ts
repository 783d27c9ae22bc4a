import { existsSync } from 'node:fs'
import { readdir, readFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dependOnTarballs, ENV, installCreate, npm, run } from './created-app.ts'
import { PACKAGES, pack, temporaryFolder } from './packed.ts'
import { buildExample, prepareRelease } from './release.ts'

const root = join(import.meta.dirname, '../..')
const ALL = [...PACKAGES, 'create']
const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'))

describe('a release, as far as npm', () => {
  let folder: string
  let copy: string
  let tarballs: Map<string, string>
  let version: string
  /** As this release found them. None are left once a release has been prepared. */
  let changesets: string[]
  const tarballOf = (name: string) => tarballs.get(name) ?? expect.fail(`${name} was not packed.`)
  const readPacked = async (name: string, file: string) =>
    (await run('tar', ['-xzOf', tarballOf(name), `package/${file}`])).stdout

  beforeAll(async () => {
    folder = await temporaryFolder()
    copy = join(folder, 'copy')
    const names = (await readdir(join(root, '.changeset'))).filter((name) => name.endsWith('.md'))
    changesets = await Promise.all(names.map((name) => readFile(join(root, '.changeset', name), 'utf8')))
    await prepareRelease(copy)
    tarballs = await pack(folder, ALL, copy)
    version = (await readJson(join(copy, 'packages/core/package.json'))).version
  }, 900_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('uses up the changesets, and writes what they say into the changelogs', async () => {
    expect(await readdir(join(copy, '.changeset'))).toEqual(['config.json'])
    for (const changeset of changesets) {
      const [, packages = '', text = ''] = changeset.split(/^---$/m)
      const [, name = ''] = /^'(?:@session-backend\/)?(.+)': \w+$/m.exec(packages) ?? []
      const packed = name === 'create-session-backend' ? 'create' : name
      const changelog = await readFile(join(copy, 'packages', packed, 'CHANGELOG.md'), 'utf8')
      expect(changelog).toContain(`## ${version}\n`)
      for (const line of text.trim().split('\n')) expect(changelog).toContain(line.trim())
    }
  })

  it.each(ALL)('%s: has the version of the release, and takes the others in that version', async (name) => {
    const before = await readJson(join(root, 'packages', name, 'package.json'))
    const manifest = JSON.parse(await readPacked(name, 'package.json'))
    expect(version === before.version).toBe(changesets.length === 0)
    expect(manifest.version).toBe(version)
    expect(JSON.stringify(manifest)).not.toMatch(/workspace:|OWNER\/REPOSITORY/)
    const ours = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies }).filter(
      ([other]) => other.startsWith('@session-backend/'),
    )
    for (const [other, range] of ours) expect([other, range]).toEqual([other, `^${version}`])
  })

  it.each(ALL)('%s: carries its licence and its README, and none of its sources', async (name) => {
    const { stdout } = await run('tar', ['-tzf', tarballOf(name)])
    const files = stdout.trim().split('\n')
    expect(files).toEqual(expect.arrayContaining(['package/LICENSE', 'package/README.md']))
    expect(files.filter((file) => /^package\/(src|test|node_modules)\//.test(file))).toEqual([])
    expect(await readPacked(name, 'LICENSE')).toBe(await readFile(join(root, 'LICENSE'), 'utf8'))
    expect(await readPacked(name, 'README.md')).not.toMatch(/\]\((?!https:|#)/)
  })

  it.each(ALL)('%s: is published with provenance, and a dry run succeeds', async (name) => {
    const manifest = JSON.parse(await readPacked(name, 'package.json'))
    expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true })
    expect(manifest.repository.url).toBe('git+https://github.com/acme/session-backend.git')
    const { stdout } = await run('npm', ['publish', tarballOf(name), '--dry-run', '--json'], { env: ENV })
    expect(stdout).toContain(`"id": "${manifest.name}@${version}"`)
  })

  it('is published by a workflow that may prove where it ran', async () => {
    const workflow = await readFile(join(root, '.github/workflows/release.yml'), 'utf8')
    expect(workflow).toMatch(/^ {6}id-token: write/m)
    for (const step of ['npm test', 'scripts/set-repository.mjs', 'run build', 'changeset publish']) {
      expect(workflow).toContain(step)
    }
    expect(workflow.indexOf('set-repository')).toBeLessThan(workflow.indexOf('changeset publish'))
  })

  it.each(['vite', 'next'])(
    'an app of the template %s asks for this version, and builds with it',
    async (template) => {
      const tool = await installCreate(join(folder, `tool-${template}`), tarballOf('create'))
      await run(process.execPath, [tool, template, '--template', template], { cwd: folder })
      const app = join(folder, template)
      const { dependencies } = await readJson(join(app, 'package.json'))
      expect(dependencies['@session-backend/server']).toBe(`^${version}`)
      await dependOnTarballs(app, new Map([...tarballs].filter(([name]) => name !== 'create')))
      await npm(app, 'install')
      await npm(app, 'run', 'build')
    },
    600_000,
  )

  it.each([
    ['express-editor', 'dist/page/index.html'],
    ['next-whiteboard', '.next/BUILD_ID'],
  ])(
    'the example %s builds with the tarballs',
    async (name, built) => {
      await buildExample(copy, name, new Map([...tarballs].filter(([other]) => other !== 'create')))
      const example = join(copy, 'examples', name)
      expect(existsSync(join(example, built))).toBe(true)
      const installed = await realpath(join(example, 'node_modules/@session-backend/server'))
      expect(installed).toContain(join(example, 'node_modules/.pnpm'))
      expect((await readJson(join(installed, 'package.json'))).version).toBe(version)
    },
    600_000,
  )
})
