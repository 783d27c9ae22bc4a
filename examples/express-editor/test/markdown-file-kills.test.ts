import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import * as Y from 'yjs'
import { MarkdownFile } from '../backend/markdown-file.ts'
import { TEXT } from '../shared/text.ts'
import { createDisk, type Fate } from './support/crashes.ts'

/** By hand: 1500. */
const RUNS = Number(process.env.RUNS ?? 40)
const FATES: Fate[] = ['done', 'killed before', 'killed after', 'failed before', 'failed after']
const BEGINNING = 'Grüße\n'

interface Backend {
  doc: Y.Doc
  markdown: MarkdownFile
  isChanged: boolean
}

/** One backend after the other, which owns a file, and pages that keep their copies of its document. */
class World {
  readonly pages = [new Y.Doc(), new Y.Doc()]
  readonly #connected = new Set<Y.Doc>()
  readonly #disk = createDisk()
  #fates: Fate[] = []
  #token = 0
  #marks = 0
  #backend: Backend | undefined
  /** What pages were told is saved. */
  #safe: Uint8Array[] = []

  constructor(private readonly file: string) {}

  get marks(): string[] {
    return Array.from({ length: this.#marks }, (_, index) => String.fromCharCode(0x4e00 + index))
  }

  /** Opens the file, as `openRoom` does. */
  async start(fates: readonly Fate[]): Promise<void> {
    if (this.#backend) return
    this.#token += 1
    await this.#until(fates, async (isKilled) => {
      const doc = new Y.Doc()
      const markdown = new MarkdownFile(
        this.file,
        this.#disk.open(() => this.#fates.shift() ?? 'done', isKilled),
      )
      const backend = { doc, markdown, isChanged: false }
      const saved = await markdown.read(this.#token)
      if (saved) Y.applyUpdate(doc, saved.value)
      doc.on('update', (update, origin) => {
        backend.isChanged = true
        for (const page of this.#connected) if (page !== origin) Y.applyUpdate(page, update, backend)
      })
      await markdown.open(doc)
      if (doc.getText(TEXT).toString() !== (await this.onDisk())) backend.isChanged = true
      this.#backend = backend
      while (backend.isChanged) await this.#saveOnce(backend).catch(() => {})
    })
  }

  async save(fates: readonly Fate[]): Promise<void> {
    const backend = this.#backend
    if (backend) await this.#until(fates, () => this.#saveOnce(backend).catch(() => {}))
  }

  connect(page: Y.Doc): void {
    if (!this.#backend) return
    const { doc } = this.#backend
    this.#connected.add(page)
    Y.applyUpdate(page, Y.encodeStateAsUpdate(doc), this.#backend)
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(page), page)
  }

  type(page: Y.Doc, at: number): void {
    const before = Y.encodeStateVector(page)
    const text = page.getText(TEXT)
    text.insert(Math.min(at, text.length), this.#mark())
    if (this.#backend && this.#connected.has(page))
      Y.applyUpdate(this.#backend.doc, Y.encodeStateAsUpdate(page, before), page)
  }

  /** Another program writes. */
  async write(at: number): Promise<void> {
    const text = await this.onDisk()
    const index = Math.min(at, text.length)
    await writeFile(this.file, text.slice(0, index) + this.#mark() + text.slice(index))
    if (this.#backend) this.#backend.isChanged = true
  }

  kill(): void {
    this.#backend = undefined
    this.#connected.clear()
  }

  onDisk(): Promise<string> {
    return readFile(this.file, 'utf8')
  }

  /** A page that is told so forgets nothing of this. */
  get isSafe(): boolean {
    const { doc } = this.#backend ?? {}
    return doc !== undefined && this.#safe.every((each) => Y.snapshotContainsUpdate(Y.snapshot(doc), each))
  }

  async #saveOnce(backend: Backend): Promise<void> {
    await backend.markdown.merge()
    const value = Y.encodeStateAsUpdate(backend.doc)
    backend.isChanged = false
    try {
      await backend.markdown.write({ value, token: this.#token, cursors: {} })
      this.#safe.push(value)
    } catch (error) {
      backend.isChanged = true
      throw error
    }
  }

  /** Does `work` until the backend is killed in one of its writes. */
  async #until(fates: readonly Fate[], work: (isKilled: () => void) => Promise<void>): Promise<void> {
    this.#fates = [...fates]
    await new Promise<void>((resolve, reject) => {
      this.#onKilled = () => {
        this.kill()
        resolve()
      }
      work(() => this.#onKilled()).then(resolve, reject)
    })
    this.#fates = []
  }

  #onKilled = () => {}

  #mark(): string {
    this.#marks += 1
    return this.marks.at(-1) ?? ''
  }
}

const fates = fc.array(fc.constantFrom(...FATES), { maxLength: 3 })
const page = fc.nat(1)
const at = fc.nat(12)
const step = fc.oneof(
  fc.record({ do: fc.constant('type' as const), page, at }),
  fc.record({ do: fc.constant('write' as const), at }),
  fc.record({ do: fc.constant('start' as const), fates }),
  fc.record({ do: fc.constant('save' as const), fates }),
  fc.record({ do: fc.constant('connect' as const), page }),
  fc.record({ do: fc.constant('kill' as const) }),
)

it('keeps each edit once, of pages and of other programs, however often the backend is killed in a save', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'editor-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  let count = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      count += 1
      const file = join(folder, `${count}.md`)
      await writeFile(file, BEGINNING)
      const world = new World(file)
      await world.start([])
      for (const each of steps) {
        const which = world.pages['page' in each ? each.page : 0]
        if (each.do === 'type' && which) world.type(which, each.at)
        else if (each.do === 'write') await world.write(each.at)
        else if (each.do === 'start') await world.start(each.fates)
        else if (each.do === 'save') await world.save(each.fates)
        else if (each.do === 'connect' && which) world.connect(which)
        else if (each.do === 'kill') world.kill()
      }
      await world.start([])
      for (const each of world.pages) world.connect(each)
      await world.save([])
      const text = await world.onDisk()
      expect(world.pages.map((each) => each.getText(TEXT).toString())).toEqual([text, text])
      expect([...text].sort()).toEqual([...BEGINNING, ...world.marks].sort())
      expect(world.isSafe).toBe(true)
    }),
    { numRuns: RUNS },
  )
}, 600_000)
