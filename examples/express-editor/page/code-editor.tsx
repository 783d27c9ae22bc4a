import { markdown } from '@codemirror/lang-markdown'
import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { basicSetup } from 'codemirror'
import { useEffect, useRef } from 'react'
import { yCollab } from 'y-codemirror.next'
import type { SharedDocument } from './shared-document.ts'

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
