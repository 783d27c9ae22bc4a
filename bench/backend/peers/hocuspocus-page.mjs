// Unchecked by TypeScript: what it imports is installed only for the bench.
// The page that opens a document of Hocuspocus.
import { HocuspocusProvider } from '@hocuspocus/provider'
import { createElement, useEffect, useState } from 'react'
import { address, documentId, Message, Page, show } from '../../click/pages/page.mjs'

function Room() {
  const [text, setText] = useState()
  useEffect(() => {
    const provider = new HocuspocusProvider({ url: address, name: documentId })
    provider.on('synced', () => setText('synced'))
    return () => provider.destroy()
  }, [])
  return text === undefined ? null : createElement(Message, { text })
}

show(createElement(Page, { Room }))
