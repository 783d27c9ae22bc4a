import { useCallback, useRef, useSyncExternalStore } from 'react'
import type { SharedDocument } from './shared-document.ts'

interface Person {
  name: string
  color: string
}

/** Each begins with another letter, which is all that there is room for. */
const NAMES =
  'Adder Badger Curlew Dormouse Elk Finch Gecko Heron Ibex Jay Kite Lynx Marten Newt Otter Plover Quail Robin Swift Toad Urchin Vole Wren Yak'.split(
    ' ',
  )
const COLORS = ['#c2410c', '#15803d', '#1d4ed8', '#7e22ce', '#be185d', '#0f766e', '#a16207', '#4338ca']

/** Who this window is to the others. An app with users puts their names here. */
export function randomPerson(): Person {
  const pick = (from: string[]) => from[Math.floor(Math.random() * from.length)] ?? ''
  return { name: pick(NAMES), color: pick(COLORS) }
}

/** Everybody who has the document open. */
export function People({ shared }: { shared: SharedDocument }) {
  const people = usePeople(shared)
  return (
    <ul className="people" aria-label="People in this document">
      {people.map(({ client, name, color, isMe }) => (
        <li key={client} style={{ background: color }} title={isMe ? `${name} (you)` : name}>
          {name.slice(0, 1)}
          <span className="visually-hidden">{name.slice(1) + (isMe ? ' (you)' : '')}</span>
        </li>
      ))}
    </ul>
  )
}

function usePeople({ awareness }: SharedDocument) {
  const last = useRef<{ key: string; people: (Person & { client: number; isMe: boolean })[] }>({
    key: '',
    people: [],
  })
  const subscribe = useCallback(
    (listener: () => void) => {
      awareness.on('change', listener)
      return () => awareness.off('change', listener)
    },
    [awareness],
  )
  return useSyncExternalStore(subscribe, () => {
    const people = [...awareness.getStates()].flatMap(([client, { user }]) =>
      user
        ? [
            {
              client,
              name: String(user.name),
              color: String(user.color),
              isMe: client === awareness.clientID,
            },
          ]
        : [],
    )
    const key = JSON.stringify(people)
    if (key !== last.current.key) last.current = { key, people }
    return last.current.people
  })
}
