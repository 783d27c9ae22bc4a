import type { Awareness } from 'y-protocols/awareness'

/** Who a window is to the others. */
export interface Person {
  name: string
  color: string
}

/** Each begins with another letter, which is all that there is room for. */
const NAMES =
  'Adder Badger Curlew Dormouse Elk Finch Gecko Heron Ibex Jay Kite Lynx Marten Newt Otter Plover Quail Robin Swift Toad Urchin Vole Wren Yak'.split(
    ' ',
  )
/** White text on them, and they on white, have a contrast of 4.5:1 or more. */
const COLORS = ['#1d4ed8', '#c2410c', '#15803d', '#9333ea', '#be185d', '#854d0e', '#0e7490', '#475569']

/** An app with users puts their names here. */
export function randomPerson(): Person {
  const pick = (from: string[]) => from[Math.floor(Math.random() * from.length)] ?? ''
  return { name: pick(NAMES), color: pick(COLORS) }
}

/** Everybody who has a document open, by their client of Yjs. */
export function peopleOf(awareness: Awareness): [client: number, person: Person][] {
  return [...awareness.getStates()].flatMap(([client, { user }]): [number, Person][] =>
    user ? [[client, { name: String(user.name), color: String(user.color) }]] : [],
  )
}

/**
 * Of two people with the same colour, the one with the higher client takes another, as long as there is one.
 */
export function keepColorDistinct(awareness: Awareness): void {
  awareness.on('change', () => {
    const me = awareness.clientID
    const people = peopleOf(awareness)
    const mine = people.find(([client]) => client === me)?.[1]
    if (!mine || !people.some(([client, { color }]) => client < me && color === mine.color)) return
    const color = COLORS.find((each) => !people.some(([, person]) => person.color === each))
    if (color) awareness.setLocalStateField('user', { ...mine, color })
  })
}
