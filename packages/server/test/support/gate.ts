import { createServer, request as sendRequest } from 'node:http'
import { pipeline } from 'node:stream'
import { close, listening } from './listen.ts'

/** Stands before a platform, and counts what is under way. */
export interface Gate {
  url: string
  /** How many requests whose path ends so have begun. */
  begun(path: string): number
  /** How many requests whose path ends so are open. */
  open(path: string): number
  close(): Promise<void>
}

/** Passes every request on to `target`, with its aborts. */
export async function startGate(target: string): Promise<Gate> {
  const begun: string[] = []
  const open = new Set<{ path: string }>()
  const server = createServer((request, response) => {
    const entry = { path: request.url ?? '' }
    begun.push(entry.path)
    open.add(entry)
    const passedOn = sendRequest(
      new URL(entry.path, target),
      { method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        pipeline(answer, response, () => {})
      },
    )
    passedOn.on('error', () => response.destroy())
    pipeline(request, passedOn, () => {})
    response.once('close', () => {
      open.delete(entry)
      passedOn.destroy()
    })
  })
  return {
    url: await listening(server),
    close: () => close(server),
    begun: (path) => begun.filter((each) => each.endsWith(path)).length,
    open: (path) => [...open].filter((each) => each.path.endsWith(path)).length,
  }
}
