import { systemClock } from '@session-backend/core/internal'
import { platformStatus, type UseSessionBackendResult } from '@session-backend/react'
import type { YjsConnection } from '@session-backend/react/yjs'
import { SharedDocument } from '../../examples/express-editor/page/shared-document.ts'
import { createSessionStore } from '../../packages/react/src/session/store.ts'

/** A browser's tab on one document, without the browser: the hook's store, and the editor's document. */
export class Client {
  readonly #shared = new SharedDocument()
  readonly #store
  readonly #close: () => void
  readonly #edits: string[] = []
  #acknowledged = 0

  constructor(
    readonly name: string,
    readonly documentId: string,
    endpoint: string,
  ) {
    const { connect } = this.#shared
    const options = {
      endpoint,
      connect,
      statusSource: platformStatus,
      clock: systemClock,
      random: Math.random,
    }
    this.#store = createSessionStore<YjsConnection>({ documentId, clock: systemClock, random: Math.random })
    this.#close = this.#store.subscribe(
      () => {},
      () => options,
    )
    this.#shared.subscribe(() => {
      if (this.#shared.state.unsaved === 0) this.#acknowledged = this.#edits.length
    })
  }

  get session(): UseSessionBackendResult<unknown> {
    return this.#store.getSnapshot()
  }

  get text(): string {
    return this.#shared.text.toString()
  }

  get unsaved(): number {
    return this.#shared.state.unsaved
  }

  /** What was typed here. */
  get edits(): readonly string[] {
    return this.#edits
  }

  /** What was typed here, and said to be safe. */
  get acknowledged(): readonly string[] {
    return this.#edits.slice(0, this.#acknowledged)
  }

  /** Types a word that is like no other; not before there is a document. */
  edit(where: number): void {
    if (!this.#shared.state.loaded) return
    const word = `<${this.name}.${this.#edits.length}>`
    this.#edits.push(word)
    const { text } = this.#shared
    const between = [...text.toString().matchAll(/^|>/g)].map(({ index, 0: match }) => index + match.length)
    text.insert(between[where % between.length] ?? 0, word)
  }

  /** What a user does who reads that something failed. */
  retry(): void {
    if (this.session.phase === 'failed') this.session.retry()
  }

  close(): void {
    this.#close()
    this.#shared.destroy()
  }
}
