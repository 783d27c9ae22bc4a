// @ts-check
import { cpus, loadavg, totalmem } from 'node:os'

/** What the machine is, and how busy. */
export function machine() {
  const [first] = cpus()
  return {
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    // Above the number of cores, somebody else was at work: the ratios still say something, the rest does not.
    load: Number(loadavg()[1]?.toFixed(1)),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  }
}

/** @param {ReturnType<typeof machine>} about */
export function describeMachine({ cpu, cores, memory, platform, node, load }) {
  return `${cpu}, ${cores} cores, ${memory}, ${platform}, Node ${node}, load average ${load}.`
}

/** The load average of the last minute, to be shown with a measurement. */
export function load() {
  return Number(loadavg()[0]?.toFixed(1))
}
