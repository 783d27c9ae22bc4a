import { existsSync, readFileSync } from 'node:fs'

const ROOT = '/sys/fs/cgroup'

/** What the kernel grants to the control group of a process: bytes of memory, and the time of so many processors. */
export function limitsOf(pid: number): { memory: number; cpus: number } {
  if (existsSync(`${ROOT}/cgroup.controllers`)) {
    const [quota = 0, period = 0] = numbers(read(pid, '', 'cpu.max'))
    return { memory: Number(read(pid, '', 'memory.max')), cpus: quota / period }
  }
  const [quota = 0] = numbers(read(pid, 'cpu', 'cpu.cfs_quota_us'))
  const [period = 0] = numbers(read(pid, 'cpu', 'cpu.cfs_period_us'))
  return { memory: Number(read(pid, 'memory', 'memory.limit_in_bytes')), cpus: quota / period }
}

/** @param controller In the first version of control groups each has its own folders; in the second all share one. */
function read(pid: number, controller: string, file: string): string {
  for (const line of readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n')) {
    const [, controllers = '', path = ''] = line.split(':')
    if (controllers.split(',').includes(controller)) {
      return readFileSync(`${ROOT}/${controller}${path}/${file}`, 'utf8').trim()
    }
  }
  throw new Error(`Process ${pid} is in no control group of ${controller}.`)
}

function numbers(text: string): number[] {
  return text.split(' ').map(Number)
}
