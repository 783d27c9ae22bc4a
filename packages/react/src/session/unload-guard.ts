/** Lets the browser ask before the page is left, while that is wanted. Such a listener costs the back/forward cache. */
export function createUnloadGuard(): (isWanted: boolean) => void {
  let isSet = false
  return (isWanted) => {
    if (isWanted === isSet || !globalThis.document) return
    isSet = isWanted
    if (isSet) addEventListener('beforeunload', ask)
    else removeEventListener('beforeunload', ask)
  }
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault()
}
