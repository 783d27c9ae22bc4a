// @ts-check

/** @typedef {{ name: string, points: [number, number][] }} Line */
/** @typedef {{ title: string, x: string, lines: Line[] }} Chart */

const WIDTH = 640
const HEIGHT = 360
const EDGE = { left: 64, right: 150, top: 40, bottom: 48 }
const COLOURS = ['#2563eb', '#ea580c', '#16a34a', '#9333ea', '#475569']

/**
 * A line chart as SVG. The x axis is logarithmic, because load grows by factors; the y axis starts at 0.
 * @param {Chart} chart
 */
export function plot({ title, x, lines }) {
  const points = lines.flatMap((line) => line.points)
  const xs = [...new Set(points.map(([value]) => value))].sort((a, b) => a - b)
  const [first = 1] = xs
  const last = xs.at(-1) ?? 1
  const greatest = Math.max(...points.map(([, value]) => value)) || 1
  const step = roundStep(greatest)
  const steps = Math.ceil(greatest / step)
  const right = WIDTH - EDGE.right
  const bottom = HEIGHT - EDGE.bottom
  /** @param {number} value */
  const across = (value) =>
    EDGE.left + (last > first ? Math.log(value / first) / Math.log(last / first) : 0.5) * (right - EDGE.left)
  /** @param {number} value */
  const up = (value) => bottom - (value / (step * steps)) * (bottom - EDGE.top)
  const yTicks = Array.from({ length: steps + 1 }, (_, index) => step * index)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(EDGE.left, 22, title, 'font-size="15"'),
    ...yTicks.flatMap((value) => [
      `<path d="M${EDGE.left} ${up(value).toFixed(1)}H${right}" stroke="#e2e8f0"/>`,
      text(EDGE.left - 8, up(value) + 4, shorten(value), 'text-anchor="end"'),
    ]),
    ...xs.map((value) => text(across(value), bottom + 18, String(value), 'text-anchor="middle"')),
    text((EDGE.left + right) / 2, HEIGHT - 10, x, 'text-anchor="middle"'),
    ...lines.flatMap(({ name, points: own }, index) => {
      const colour = COLOURS[index % COLOURS.length]
      const path = own.map(([a, b]) => `${across(a).toFixed(1)},${up(b).toFixed(1)}`).join(' ')
      const labelY = EDGE.top + 16 + index * 18
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...own.map(
          ([a, b]) =>
            `<circle cx="${across(a).toFixed(1)}" cy="${up(b).toFixed(1)}" r="3" fill="${colour}"/>`,
        ),
        text(right + 12, labelY, name, `fill="${colour}"`),
      ]
    }),
    '</svg>\n',
  ].join('\n')
}

/** @param {number} x @param {number} y @param {string} content @param {string} attributes */
function text(x, y, content, attributes = '') {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${content}</text>`
}

/**
 * A round number of which four or five reach the greatest value.
 * @param {number} greatest
 */
function roundStep(greatest) {
  const least = greatest / 5
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 2.5, 5].find((factor) => factor * power >= least) ?? 10)
}

/** @param {number} value */
function shorten(value) {
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(Number(value.toPrecision(3)))
}
