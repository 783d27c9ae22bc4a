// Unchecked by TypeScript: runs in the browser.
// What both pages share: a button that opens a document, and marks of what is timed, which the bench reads.
import { createElement, useLayoutEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'

const settings = new URLSearchParams(location.search)

/** The address of the rooms: the app's route, or a WebSocket. */
export const address = settings.get('address')
export const documentId = settings.get('document')
/** Whether the document is preloaded when the pointer is on the button. */
export const preloads = settings.has('preload')

/** Marks the first time that something happens. */
export function mark(name) {
  if (performance.getEntriesByName(name, 'mark').length === 0) performance.mark(name)
}

export function Page({ Room, onHover }) {
  const [isOpen, setOpen] = useState(false)
  if (isOpen) return createElement(Room)
  const open = ({ timeStamp }) => {
    performance.mark('click', { startTime: timeStamp })
    setOpen(true)
  }
  return createElement('button', { type: 'button', onClick: open, onPointerEnter: onHover }, 'Open')
}

/** The first message of the room. */
export function Message({ text }) {
  useLayoutEffect(() => mark('shown'), [])
  return createElement('output', null, text)
}

export function show(page) {
  createRoot(document.getElementById('root')).render(page)
}
