// @ts-check
import { growthPlots, growthSection } from '../shared/growth.mjs'
import { describeMachine, load, machine } from '../shared/machine.mjs'
import { describeSpread, median, spread } from '../shared/median.mjs'
import { writeResults } from '../shared/results.mjs'
import { table, targetTable } from '../shared/table.mjs'
import { atLeast } from '../shared/targets.mjs'

/** @typedef {import('./rounds.mjs').Sample} Sample */
/** @typedef {{ pages: number, rounds: Record<string, Sample>[] }} GrowthRow */

/** What all others are compared with. */
export const BASE = 'ws alone'

/**
 * The spread of a room's ratios to bare `ws`, round by round: of its messages per second, and of what one message costs.
 * @param {Record<string, Sample>[]} rounds
 * @param {string} name
 */
export function ratiosOf(rounds, name) {
  const pairs = rounds.flatMap((round) => {
    const [room, base] = [round[name], round[BASE]]
    return room && base ? [{ perSecond: room.perSecond / base.perSecond, cpu: room.cpu / base.cpu }] : []
  })
  return {
    perSecond: spread(pairs.map(({ perSecond }) => perSecond)),
    cpu: spread(pairs.map(({ cpu }) => cpu)),
  }
}

/**
 * Prints the results, and writes them to `results`.
 * @param {Record<string, Sample>[]} rounds
 * @param {GrowthRow[]} rows
 * @param {{ work: { pages: number, speakers: number }, about: string }} setting
 */
export function report(rounds, rows, { work, about }) {
  const names = Object.keys(rounds[0] ?? {})
  const growth = growthOf(rows)
  const lines = names.map((name) => {
    const { perSecond, cpu } = ratiosOf(rounds, name)
    return [
      name,
      describeSpread(perSecond),
      describeSpread(cpu),
      Math.round(median(rounds.map((round) => round[name]?.perSecond ?? Number.NaN))).toString(),
    ]
  })
  const targets = ['runBackend, raw', 'runBackend, protocol'].map((name) =>
    atLeast(`messages per second of ${name}`, 0.7, ratiosOf(rounds, name).perSecond.median),
  )
  const text = `# One room, next to others

${work.pages} pages in one room, ${work.speakers} of them speak; each message goes to all. Ratios to \`ws\` alone of the same round: medians, and
between what they lie. \`ws\` alone writes each message to each page with one call of the system; a room writes all that a turn of the
event loop has for a page with one call. The pages of the rooms on \`ws\` are the same program. Those of Hocuspocus and Colyseus are
their own clients, which do more than listen: compare their processor time, which is the server's alone.

${describeMachine(machine())} ${about} Load average while it ran: ${load()}. Above the number of cores, others were at work on the machine: trust
the processor time more than the messages per second.

${table(['', 'messages per second', 'processor time per message', 'messages per second, absolute'], lines)}

${targetTable(targets)}

${growthSection(growth).join('\n')}`
  writeResults('backend', text, { work, rounds, growth: rows }, growthPlots(growth))
}

/**
 * What a message costs for each page that gets it.
 * @param {GrowthRow[]} rows
 * @returns {Record<string, import('../shared/growth.mjs').Growth>}
 */
function growthOf(rows) {
  return {
    'backend-growth.svg': {
      title: 'Processor time of a message for each page, µs',
      x: 'pages in the room',
      lines: Object.keys(rows[0]?.rounds[0] ?? {}).map((name) => ({
        name,
        points: rows.map(({ pages, rounds }) => [
          pages,
          median(rounds.map((round) => round[name]?.cpu ?? Number.NaN)) / pages,
        ]),
      })),
    },
  }
}
