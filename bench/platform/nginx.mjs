// @ts-check
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accepts } from '../shared/accepts.mjs'

/** @param {string} folder @param {number} port @param {string} target */
const config = (folder, port, target) => `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log /dev/null;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 10000000;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream backend { server ${new URL(target).host}; keepalive 256; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }
  }
}
`

/** Whether nginx is installed. */
export function hasNginx() {
  return spawnSync('nginx', ['-v']).status === 0
}

/**
 * nginx with one worker in front of a backend.
 * @param {string} target
 * @param {number} port
 */
export async function startNginx(target, port) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-nginx-'))
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, config(folder, port, target))
  const child = spawn('nginx', ['-c', file, '-e', '/dev/null'], { stdio: ['ignore', 'inherit', 'inherit'] })
  const exited = once(child, 'exit')
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`nginx exited with ${child.exitCode}.`)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    usage: async () => ({ cpu: processorTimeOf(child.pid ?? 0) }),
    async close() {
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** How long one of the kernel's ticks is, in µs. */
const TICK = 10_000

/** The processor time of a process and its children, in µs. Linux only. @param {number} pid @returns {number} */
function processorTimeOf(pid) {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')
  const [, , , , , , , , , , , user, system] = rest.split(' ')
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean)
  const own = (Number(user) + Number(system)) * TICK
  return children.reduce((sum, child) => sum + processorTimeOf(Number(child)), own)
}
