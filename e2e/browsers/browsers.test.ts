import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { describeInEngines } from './engines.ts'

/** A server whose pages show their path, and remember whether they came back from the back/forward cache. */
async function servePages(): Promise<string> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<title>${request.url}</title><body>${request.url}<script>
      addEventListener('pageshow', ({ persisted }) => { window.persisted = persisted })</script>`)
  })
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return `http://127.0.0.1:${address.port}`
}

describeInEngines('a page', ({ launch }) => {
  it('comes back out of the back/forward cache', async () => {
    const url = await servePages()
    const browser = await launch()
    onTestFinished(() => browser.close())
    const tab = await browser.openTab(`${url}/a`)
    await tab.goto(`${url}/b`)
    await tab.back()
    await expect.poll(() => tab.run('return [location.pathname, window.persisted]')).toEqual(['/a', true])
    await tab.forward()
    await expect.poll(() => tab.run('return document.body.innerText')).toContain('/b')
    expect((await tab.screenshot()).length).toBeGreaterThan(1000)
    await tab.setOffline?.(true)
    expect(await tab.run('return navigator.onLine')).toBe(tab.setOffline === undefined)
    await tab.close()
  })
})
