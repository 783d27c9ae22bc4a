/** What a user wants to do with a document. */
export type Action = 'open' | 'read' | 'logs' | 'terminate'

/** The dynamic segments of the framework's route, decoded, by their names. */
export type RouteParams = Readonly<Record<string, string | readonly string[] | undefined>>

/** Which document a request is about. */
export interface DocumentContext {
  /** The document's id, decoded. */
  documentId: string
  /**
   * The dynamic segments of the framework's route, such as `tenant` of `[tenant]/sessions/[...path]`: Next's
   * in both routers (Pages Router: `request.query`), Express' `request.params`. Elsewhere empty.
   */
  params: RouteParams
}
