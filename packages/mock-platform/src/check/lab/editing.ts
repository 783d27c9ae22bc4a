/** How a check edits documents. */
export interface Editing {
  /** Which edits it makes, in words. */
  description: string
  /** Creates a page, which keeps its identity over several connections. */
  createPage(): Page
}

/** A page that edits one document. */
export interface Page {
  /** Connects to the backend. */
  connect(options: ConnectOptions): Promise<Edits>
}

/** What a page connects with. */
export interface ConnectOptions {
  /** The backend's URL with the path of `--path`, as `ws:`. */
  url: string
  /** Aborts when the check is over. */
  signal: AbortSignal
  /** How many edits the page has kept while it was not connected, and sends now. */
  kept: number
}

/**
 * The edits of one connection. The module of `--edits` exports a function that resolves to it.
 */
export interface Edits {
  /**
   * Makes an edit. Resolves once the backend has confirmed that the edit is saved, so that it must survive
   * everything. Rejects if the connection is lost before. May be called again before that.
   *
   * @param id A number that tells this edit from all others, also from those of earlier runs.
   * @param size About how many bytes the edit should have, if that can be chosen. Default: any.
   */
  edit(id: number, size?: number): Promise<void>
  /** Resolves to the ids of the edits that are in the document of the backend now. Others may be among them. */
  read(): Promise<Iterable<number>>
  /** Closes the connection. */
  close(): void
}

/** The default export of the module of `--edits`. */
export type OpenEdits = (options: Pick<ConnectOptions, 'url' | 'signal'>) => Promise<Edits>
