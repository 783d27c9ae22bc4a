// @ts-check

/**
 * A table in Markdown.
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function table(head, rows) {
  const widths = head.map((title, index) =>
    Math.max(3, title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  /** @param {string[]} cells */
  const line = (cells) => `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

/** @param {import('./targets.mjs').Target[]} targets */
export function targetTable(targets) {
  return table(
    ['', 'measured', 'target', ''],
    targets.map(({ what, value, target, met }) => [
      what,
      value.toFixed(met ? 2 : 3),
      target,
      met ? 'met' : 'missed',
    ]),
  )
}
