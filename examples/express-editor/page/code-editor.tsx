import { markdown } from '@codemirror/lang-markdown'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { basicSetup } from 'codemirror'
import { useEffect, useRef } from 'react'
import { yCollab } from 'y-codemirror.next'
import type { SharedDocument } from './shared-document.ts'

/** The page's colours, light or dark. */
const highlighting = HighlightStyle.define([
  { tag: tags.heading, color: 'var(--accent)', fontWeight: 'bold' },
  { tag: tags.strong, fontWeight: 'bold' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: [tags.link, tags.url], color: 'var(--accent)' },
  { tag: tags.monospace, color: 'var(--good)' },
  { tag: [tags.processingInstruction, tags.quote, tags.meta], color: 'var(--soft)' },
])

/** CodeMirror on the shared text, with everybody's cursors. */
export function CodeEditor({ shared, label }: { shared: SharedDocument; label: string }) {
  const parent = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!parent.current) return
    const view = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: shared.text.toString(),
        extensions: [
          basicSetup,
          markdown(),
          syntaxHighlighting(highlighting),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label }),
          yCollab(shared.text, shared.awareness),
        ],
      }),
    })
    view.focus()
    return () => view.destroy()
  }, [shared, label])

  return <div className="code-editor" ref={parent} />
}
