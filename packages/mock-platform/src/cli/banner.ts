import type { MockPlatform } from '../platform.ts'

/** What a person, or a program, wants to know of a platform that has just started. */
export interface BannerOptions {
  services: readonly string[]
  /** Whether to show the access token: one that nobody has chosen. */
  showsToken: boolean
}

/** The lines for a person on a terminal. */
export function banner(
  platform: MockPlatform,
  { services, showsToken, hasColors }: BannerOptions & { hasColors: boolean },
): string {
  const { url, publicUrl, dashboardUrl, registry, account, token } = platform
  const rows = [
    ['dashboard', dashboardUrl],
    ...(publicUrl === url ? [] : [['other devices', publicUrl]]),
    ...(registry === undefined ? [] : [['registry', registry]]),
    ['services', services.join(', ') || 'none yet: add --service name=command'],
    ...(showsToken
      ? [
          ['account', account],
          ['token', token],
        ]
      : []),
  ]
  const paint = (style: number, text: string) => (hasColors ? `\x1b[${style}m${text}\x1b[0m` : text)
  const width = Math.max(...rows.map(([name = '']) => name.length))
  const lines = rows.map(([name = '', value = '']) => `  ${paint(DIM, name.padEnd(width))}  ${value}\n`)
  return `${paint(BOLD, 'mock-platform')} listens on ${url}\n${lines.join('')}\n`
}

/** As SGR has them. */
const [BOLD, DIM] = [1, 2]

/** The lines for a program: what tests and scripts have always read. */
export function plainBanner(platform: MockPlatform, { showsToken }: BannerOptions): string {
  const { url, publicUrl, dashboardUrl, registry, account, token } = platform
  return [
    `mock-platform listens on ${url}`,
    ...(publicUrl === url ? [] : [`for other devices at ${publicUrl}`]),
    `dashboard at ${dashboardUrl}`,
    ...(registry === undefined ? [] : [`registry at ${registry}`]),
    ...(showsToken ? [`account ${account}, token ${token}`] : []),
    '',
  ].join('\n')
}
