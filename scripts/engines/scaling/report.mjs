// @ts-check
// What one more document costs, from the measurements of an empty and of a full Plane.
import { cpus, totalmem } from 'node:os'

/**
 * @typedef {ReturnType<typeof import('./parts.mjs').measureParts>} Sample
 *
 * @typedef {object} Step
 * @property {number} started How many documents were started until now.
 * @property {number} open How many of them are open.
 * @property {number} seconds How long the last of them took to start.
 * @property {number} restSeconds How long nothing was started, after that.
 * @property {Sample} before The parts before that rest.
 * @property {Sample} after The parts after it.
 * @property {Record<string, number>} rows
 * @property {number} transactionRate Transactions a second during the rest.
 */

/**
 * A table in Markdown, and what the database did.
 * @param {readonly Step[]} steps
 * @param {readonly string[]} parts
 */
export function report(steps, parts) {
  const [first, last] = [steps[0], steps.at(-1)]
  if (!first || !last) return 'Nothing was measured.'
  const lines = parts.map((name) => {
    const each = (/** @type {'processes' | 'memory' | 'descriptors'} */ key) =>
      (of(last.after, name)[key] - of(first.after, name)[key]) / last.open
    const cells = [
      each('processes').toFixed(2),
      `${Math.round(each('memory') / 1024).toLocaleString('en')} KiB`,
      each('descriptors').toFixed(1),
      `${Math.round(startCost(steps, name) * 1000)} ms`,
      `${(openCost(steps, name) * 3600).toFixed(2)} s`,
    ]
    return `| ${[name, ...cells].join(' | ')} |`
  })
  const rows = Object.entries(last.rows).map(
    ([name, now]) => `${name} ${((now - (first.rows[name] ?? 0)) / last.started).toFixed(1)}`,
  )
  const transactions = (last.transactionRate - first.transactionRate) / last.open
  return [
    `${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    '',
    '| part | processes | memory | descriptors | processor time to start | to stay open for an hour |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    `A start adds to the database: ${rows.join(', ')}.`,
    `Transactions a second for each open document: ${transactions.toFixed(2)}.`,
    ...steps
      .slice(1)
      .map(({ started, open, seconds }) => `${started} started, ${open} open, ${seconds.toFixed(0)} s`),
  ].join('\n')
}

/** Seconds of processor time that a part needs each second for one open document. */
function openCost(/** @type {readonly Step[]} */ steps, /** @type {string} */ name) {
  const [first, last] = [steps[0], steps.at(-1)]
  return first && last ? (rateOf(last, name) - rateOf(first, name)) / last.open : 0
}

/** Seconds of processor time that a part needs to start a document, without what it needs at any time. */
function startCost(/** @type {readonly Step[]} */ steps, /** @type {string} */ name) {
  const [first, last] = [steps[0], steps.at(-1)]
  if (!first || !last) return 0
  let other = 0
  for (const [index, step] of steps.slice(1).entries()) {
    const openBefore = steps[index]?.open ?? 0
    const documentSeconds = ((openBefore + step.open) / 2) * step.seconds + step.open * step.restSeconds
    other += openCost(steps, name) * documentSeconds + rateOf(first, name) * (step.seconds + step.restSeconds)
  }
  return (of(last.after, name).cpu - of(first.after, name).cpu - other) / last.started
}

/** Seconds of processor time that a part needed in each second of a rest. */
function rateOf(/** @type {Step} */ { before, after, restSeconds }, /** @type {string} */ name) {
  return (of(after, name).cpu - of(before, name).cpu) / restSeconds
}

/** @param {Sample} sample @param {string} name */
function of(sample, name) {
  return sample[name] ?? { processes: 0, memory: 0, descriptors: 0, cpu: 0 }
}
