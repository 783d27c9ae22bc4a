// @ts-check
import { plot } from './plot.mjs'
import { table } from './table.mjs'

/**
 * What one unit costs as the load grows. A line that stays level means that cost grows with the load, and no faster.
 * @typedef {import('./plot.mjs').Chart} Growth
 */

/**
 * The tables of some costs, in Markdown.
 * @param {Record<string, Growth>} growths By the names of their plots.
 */
export function growthSection(growths) {
  return [
    '## What one unit costs as the load grows',
    '',
    ...Object.values(growths).flatMap((growth) => [`### ${growth.title}`, '', growthTable(growth), '']),
  ]
}

/** @param {Record<string, Growth>} growths @returns {Record<string, string>} */
export function growthPlots(growths) {
  return Object.fromEntries(Object.entries(growths).map(([file, growth]) => [file, plot(growth)]))
}

/** @param {Growth} growth */
function growthTable({ x, lines }) {
  const loads = [...new Set(lines.flatMap(({ points }) => points.map(([load]) => load)))].sort(
    (a, b) => a - b,
  )
  /** @param {import('./plot.mjs').Line} line @param {number | undefined} load */
  const costAt = ({ points }, load) => points.find(([at]) => at === load)?.[1] ?? Number.NaN
  const [first, last] = [loads[0], loads.at(-1)]
  return table(
    [x, ...lines.map(({ name }) => name)],
    [
      ...loads.map((load) => [String(load), ...lines.map((line) => shown(costAt(line, load)))]),
      ...(loads.length > 1
        ? [[`${last} over ${first}`, ...lines.map((line) => shown(costAt(line, last) / costAt(line, first)))]]
        : []),
    ],
  )
}

/** @param {number} value */
function shown(value) {
  if (!Number.isFinite(value)) return '–'
  return value < 100 ? value.toPrecision(2) : value.toFixed(0)
}
