import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How often the loop is looked at, in ms. */
const TICK = 2

/**
 * Measures for how long at a time the event loop is blocked, until the function it returns is called. `work` is the
 * longest time, in ms, that this process computed without a turn of the loop: a busy machine doesn't add to it, as it does
 * to the `delay` of perf_hooks.
 */
export function watchEventLoop(): () => { work: number; delay: number } {
  const histogram = monitorEventLoopDelay({ resolution: TICK })
  histogram.enable()
  let work = 0
  let before = performance.now()
  let usage = process.cpuUsage()
  const look = () => {
    const { user, system } = process.cpuUsage(usage)
    work = Math.max(work, Math.min(performance.now() - before, (user + system) / 1000))
    before = performance.now()
    usage = process.cpuUsage()
  }
  const timer = setInterval(look, TICK)
  return () => {
    look()
    clearInterval(timer)
    histogram.disable()
    return { work, delay: histogram.max / 1e6 }
  }
}
