import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** A folder of `src`, or a file that is in none. */
const roomOf = (file: string) => (file.includes('/') ? dirname(file) : file)

/** Which rooms each room imports from, types included. */
function readArrows(src: string): Map<string, Set<string>> {
  const arrows = new Map<string, Set<string>>()
  for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue
    for (const [, path = ''] of readFileSync(join(src, file), 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const [from, to] = [roomOf(file), roomOf(relative(src, join(src, dirname(file), path)))]
      if (from !== to) arrows.set(from, (arrows.get(from) ?? new Set()).add(to))
    }
  }
  return arrows
}

/** The rooms of a package that import from one another in a circle, each with the rooms that it imports from. */
export function findCircles(src: string): string[][] {
  const arrows = readArrows(src)
  // Rooms that import from no room that is left are taken away, until only circles are left.
  const left = new Set(arrows.keys())
  const isFree = (room: string) => [...(arrows.get(room) ?? [])].every((to) => !left.has(to))
  for (let free = [...left].filter(isFree); free.length > 0; free = [...left].filter(isFree)) {
    for (const room of free) left.delete(room)
  }
  return [...left].map((room) => [room, ...(arrows.get(room) ?? [])])
}
