import { stripVTControlCharacters } from 'node:util'

/** The lines of a session in a terminal, without what differs from run to run. */
function withoutVolatile(output: string): string[] {
  const [port, dashboardPort] = [...output.matchAll(/http:\/\/(?:127\.0\.0\.1|localhost):(\d+)/g)].map(
    ([, port]) => port,
  )
  return stripVTControlCharacters(output)
    .replaceAll(`:${port}`, ':8080')
    .replaceAll(`:${dashboardPort}`, ':8081')
    .replace(/\bdev\.[\w-]{43}/, 'dev.TOKEN')
    .replace(/\d\d:\d\d:\d\d/g, '12:00:00')
    .split('\n')
    .map((line) => line.trimEnd())
}

/** A session's lines by their source, each in its order: which of two sources is faster differs from run to run. */
export function linesBySource(output: string) {
  const lines = withoutVolatile(output)
  const of = (pattern: RegExp) => lines.filter((line) => pattern.test(line))
  return {
    app: of(/^app │/),
    backend: of(/^editor\/plan │/),
    platform: of(/^(?!app │|editor\/plan │)./),
  }
}
