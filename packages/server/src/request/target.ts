import type { Target } from '../http/incoming.ts'
import { checkDocumentId, decodeDocumentId } from './document-id.ts'

/** What a request's target names. */
export interface Place {
  /** What follows the document: `status`, `logs`, or nothing. */
  resource: string | undefined
  /** The document's id, decoded. Throws `bad_request` if it can't be one. */
  documentId(): string
}

/** The place that a target names, or undefined if it isn't below the mount. PROTOCOL.md: "The route". */
export function placeOf(target: Target, basePath: string): Place | undefined {
  if ('unknown' in target) throw target.unknown
  if ('segments' in target) return placeIn(target.segments, checkDocumentId)
  if ('belowMount' in target) return placeIn(segmentsOf(target.belowMount), decodeDocumentId)
  const { path } = target
  if (!path.startsWith(`${basePath}/`)) return undefined
  return placeIn(segmentsOf(path.slice(basePath.length)), decodeDocumentId)
}

function placeIn(segments: readonly string[], decode: (segment: string) => string): Place | undefined {
  const [document, resource, ...rest] = segments
  if (!document || rest.length > 0) return undefined
  return { resource, documentId: () => decode(document) }
}

/** The segments as they were sent. A slash at the end doesn't count. */
function segmentsOf(path: string): string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/')
}
