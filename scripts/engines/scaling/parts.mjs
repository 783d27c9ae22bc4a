// @ts-check
// What each part of a running Plane uses, read from /proc.
import { readdirSync, readFileSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'

/**
 * @typedef {object} Usage
 * @property {number} processes
 * @property {number} memory Bytes; what several processes share is divided among them (PSS).
 * @property {number} cpu Seconds of processor time since the start.
 * @property {number} descriptors
 *
 * @typedef {Record<string, Part>} Parts
 *
 * @typedef {object} Part
 * @property {(command: string) => boolean} [is] How its command line looks. Default: anything.
 * @property {string} [childOf] The part that starts it.
 */

/** Ticks of /proc's processor times in a second: Linux has 100 everywhere. */
const TICKS = 100

/**
 * Adds up what the processes of each part use.
 * @param {Parts} parts
 * @returns {Record<string, Usage>}
 */
export function measureParts(parts) {
  /** @type {Record<string, Usage>} */
  const usage = {}
  for (const name of Object.keys(parts)) usage[name] = { processes: 0, memory: 0, cpu: 0, descriptors: 0 }
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readProcess)
  /** @type {Map<number, string>} By the process. */
  const found = new Map()
  for (const [name, { is = () => true, childOf }] of Object.entries(parts)) {
    for (const { pid, parent, command } of all) {
      if (!found.has(pid) && is(command) && (!childOf || found.get(parent) === childOf)) found.set(pid, name)
    }
  }
  for (const { pid, cpu } of all) {
    const sum = usage[found.get(pid) ?? '']
    if (!sum) continue
    sum.processes += 1
    sum.cpu += cpu
    sum.memory += orZero(() => memoryOf(pid))
    sum.descriptors += orZero(() => readdirSync(`/proc/${pid}/fd`).length)
  }
  return usage
}

/** The part of the machine's memory that is in use. */
export function memoryInUse() {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return 1 - (available === undefined ? freemem() : Number(available) * 1024) / totalmem()
}

/** @param {string} name */
function readProcess(name) {
  const pid = Number(name)
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const cpu = (Number(fields[11]) + Number(fields[12])) / TICKS
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return [{ pid, parent: Number(fields[1]), command, cpu }]
  } catch {
    // It has ended.
    return []
  }
}

/** @param {number} pid */
function memoryOf(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024
}

/** @param {() => number} read */
function orZero(read) {
  try {
    return read()
  } catch {
    return 0
  }
}
