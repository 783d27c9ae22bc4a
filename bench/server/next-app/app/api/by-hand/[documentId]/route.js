// @ts-check
import { openByHand } from '../../../../../apps/open-by-hand.mjs'

/**
 * @param {Request} request
 * @param {{ params: Promise<{ documentId: string }> }} context
 */
export async function POST(request, { params }) {
  const { documentId } = await params
  const { status, headers, body } = await openByHand(request.headers.get('cookie'), documentId)
  return Response.json(body, { status, headers })
}
