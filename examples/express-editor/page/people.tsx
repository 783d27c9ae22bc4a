import { useCallback, useRef, useSyncExternalStore } from 'react'
import { type Person, peopleOf } from './person.ts'
import type { SharedDocument } from './shared-document.ts'

/** Everybody who has the document open. */
export function People({ shared }: { shared: SharedDocument }) {
  const me = shared.awareness.clientID
  return (
    <ul className="people" aria-label="People in this document">
      {usePeople(shared).map(([client, { name, color }]) => (
        <li key={client} style={{ background: color }} title={client === me ? `${name} (you)` : name}>
          {name.slice(0, 1)}
          <span className="visually-hidden">{name.slice(1) + (client === me ? ' (you)' : '')}</span>
        </li>
      ))}
    </ul>
  )
}

function usePeople({ awareness }: SharedDocument) {
  const last = useRef<{ key: string; people: [client: number, person: Person][] }>({ key: '', people: [] })
  const subscribe = useCallback(
    (listener: () => void) => {
      awareness.on('change', listener)
      return () => awareness.off('change', listener)
    },
    [awareness],
  )
  return useSyncExternalStore(subscribe, () => {
    const people = peopleOf(awareness)
    const key = JSON.stringify(people)
    if (key !== last.current.key) last.current = { key, people }
    return last.current.people
  })
}
