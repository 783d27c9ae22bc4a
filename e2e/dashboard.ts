/** The origin of a platform's dashboard, which the page at the platform's root leads to. */
export async function dashboardOf(platformUrl: string): Promise<string> {
  const page = await (await fetch(platformUrl)).text()
  const [, url = ''] = /href="(http:[^"]+)"/.exec(page) ?? []
  return new URL(url).origin
}
