import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from 'vitest'

const SRC = join(import.meta.dirname, '../src')

/** A folder of `src`, or a file that is in none. */
const roomOf = (file: string) => (file.includes('/') ? dirname(file) : file)

/** Which rooms each room imports from, types included. */
function readArrows(): Map<string, Set<string>> {
  const arrows = new Map<string, Set<string>>()
  for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue
    for (const [, path = ''] of readFileSync(join(SRC, file), 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const [from, to] = [roomOf(file), roomOf(relative(SRC, join(SRC, dirname(file), path)))]
      if (from !== to) arrows.set(from, (arrows.get(from) ?? new Set()).add(to))
    }
  }
  return arrows
}

it('lets the arrows between the rooms of the package point one way', () => {
  const arrows = readArrows()
  // Rooms that import from no room that is left are taken away, until only circles are left.
  const left = new Set(arrows.keys())
  const isFree = (room: string) => [...(arrows.get(room) ?? [])].every((to) => !left.has(to))
  for (let free = [...left].filter(isFree); free.length > 0; free = [...left].filter(isFree)) {
    for (const room of free) left.delete(room)
  }
  expect([...left].map((room) => [room, ...(arrows.get(room) ?? [])])).toEqual([])
})
