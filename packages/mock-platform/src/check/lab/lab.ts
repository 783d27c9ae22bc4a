import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackendInLab } from './backend-in-lab.ts'
import { within } from './deadline.ts'
import type { Edits, Page } from './editing.ts'
import { Finding } from './finding.ts'
import { LabPlatform, type LabPlatformOptions } from './lab-platform.ts'
import { PageSocket } from './page-socket.ts'
import type { Need, Scale } from './scale.ts'
import type { Subject } from './subject.ts'
import { Tap } from './tap.ts'

/** How long a page may take to connect, and to make one edit, in ms. */
const CONNECT_LIMIT = 10_000
const EDIT_LIMIT = 10_000

/** What a {@link Lab} is for. */
export interface LabOptions {
  subject: Subject
  scale: Scale
  /** What the program and this machine have, as far as it is known. */
  offered: ReadonlySet<Need>
  /** A name for the documents of this check, which no other check and no other run uses. */
  documentId: string
  /** The folder in which the lab takes its notes. */
  folder: string
  /** Returns a time at which a platform starts, later than all before. Its fencing tokens begin there. */
  nextStart: () => number
  signal: AbortSignal
}

/** Where one check tries a program: on its own platforms. */
export class Lab {
  readonly #platforms: LabPlatform[] = []
  readonly #connections: Edits[] = []
  readonly #pages: PageSocket[] = []
  readonly #taps: Tap[] = []
  #nextEdit: number

  constructor(private readonly options: LabOptions) {
    // Higher than those of earlier runs on the same storage.
    this.#nextEdit = options.nextStart() * 1000
  }

  get subject(): Subject {
    return this.options.subject
  }

  get scale(): Scale {
    return this.options.scale
  }

  get signal(): AbortSignal {
    return this.options.signal
  }

  /** The document of this check. */
  get documentId(): string {
    return this.options.documentId
  }

  /** Starts a platform, whose fencing tokens are higher than those of the platforms before. */
  async openPlatform(options: Pick<LabPlatformOptions, 'warm'> = {}): Promise<LabPlatform> {
    const { subject, nextStart, signal } = this.options
    const folder = await mkdtemp(join(this.options.folder, 'platform-'))
    const platform = await LabPlatform.open({ ...options, subject, folder, signal, start: nextStart() })
    this.#platforms.push(platform)
    return platform
  }

  /** Opens the document on the lab's first platform. Resolves when its backend is Ready. */
  async openBackend(documentId = this.documentId): Promise<BackendInLab> {
    const platform = this.#platforms[0] ?? (await this.openPlatform())
    return platform.openBackend(documentId)
  }

  /** Whether something can be tried. */
  offers(need: Need): boolean {
    return this.options.offered.has(need)
  }

  /** Connects to a backend's WebSocket. */
  async openPage(backend: BackendInLab): Promise<PageSocket> {
    const page = await PageSocket.open(backend.webSocketUrl, this.signal).catch((error: unknown) =>
      backend.endOr(error),
    )
    this.#pages.push(page)
    return page
  }

  /** Creates a page, for a check that needs edits. */
  createPage(): Page {
    const { editing } = this.subject
    if (!editing) throw new Error('A check that edits must need `edits`.')
    return editing.createPage()
  }

  /** Opens a tap through which pages can connect to a backend. */
  async openTap(backend: BackendInLab): Promise<Tap> {
    const tap = await Tap.open(backend.webSocketUrl)
    this.#taps.push(tap)
    return tap
  }

  /** Has a page connect to a backend. */
  async connect(
    page: Page,
    backend: BackendInLab,
    { kept = 0, through }: { kept?: number; through?: Tap } = {},
  ): Promise<Edits> {
    const { signal } = this
    const connecting = page.connect({ url: through?.url ?? backend.webSocketUrl, signal, kept })
    const late = () => new Finding(`A page could not connect within ${CONNECT_LIMIT / 1000} s.`, EDITS_ADVICE)
    const edits = await within(connecting, CONNECT_LIMIT, signal, late).catch((error: unknown) =>
      backend.endOr(error),
    )
    this.#connections.push(edits)
    return edits
  }

  /** Makes an edit that no check has made before. Resolves to its id once it is confirmed as saved. */
  async edit(edits: Edits): Promise<number> {
    const id = this.newEdit()
    const late = () =>
      new Finding(`An edit was not confirmed as saved within ${EDIT_LIMIT / 1000} s.`, EDITS_ADVICE)
    await within(edits.edit(id), EDIT_LIMIT, this.signal, late)
    return id
  }

  /** An id of an edit that no check has made before. */
  newEdit(): number {
    return this.#nextEdit++
  }

  /** Those edits that are not in the document. */
  async missing(edits: Edits, ids: readonly number[]): Promise<number[]> {
    const late = () => new Finding(`The edits could not be read within ${EDIT_LIMIT / 1000} s.`, EDITS_ADVICE)
    const found = new Set(await within(edits.read(), EDIT_LIMIT, this.signal, late))
    return ids.filter((id) => !found.has(id))
  }

  /** Ends all that the check has opened. */
  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close()
    for (const page of this.#pages) page.cut()
    for (const tap of this.#taps) tap.close()
    await Promise.all(this.#platforms.map((platform) => platform.close()))
  }
}

const EDITS_ADVICE =
  'Check the message of --message, or the module of --edits, and who may edit: --user and --auth.'
