/** A browser engine as the tests drive it: the same few verbs for all three. */
export interface BrowserEngine {
  name: 'Chromium' | 'Firefox' | 'WebKit'
  /** Why it can't run on this machine; `undefined` if it can. */
  missing(): string | undefined
  launch(): Promise<RunningBrowser>
}

/** A browser that runs. */
export interface RunningBrowser {
  openTab(url: string): Promise<Tab>
  close(): Promise<void>
}

/** One tab, which the person in front of the screen looks at. */
export interface Tab {
  goto(url: string): Promise<void>
  back(): Promise<void>
  forward(): Promise<void>
  /** Runs the body of a function in the page. What it returns must be JSON. */
  run(body: string): Promise<unknown>
  /** Cuts the page off the network; `undefined` if the engine can't. */
  setOffline: ((offline: boolean) => Promise<void>) | undefined
  /** As PNG. */
  screenshot(): Promise<Uint8Array>
  close(): Promise<void>
}
