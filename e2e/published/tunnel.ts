import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Why {@link startTunnel} can't work here, or undefined. */
export function whyNoTunnel(): string | undefined {
  const missing = ['nginx', 'openssl'].find((name) => spawnSync(name, ['-h']).error)
  return missing && `There is no ${missing} on this machine.`
}

/**
 * Stands for a tunnel: nginx ends TLS, with a certificate that it signed itself, and passes each name on to a port.
 *
 * @param routes Ports of this machine by the names that the tunnel gives them.
 * @returns What stops it.
 */
export async function startTunnel(
  folder: string,
  port: number,
  routes: Readonly<Record<string, number>>,
): Promise<() => Promise<void>> {
  await mkdir(join(folder, 'tmp'), { recursive: true })
  const names = Object.keys(routes).map((name) => `DNS:${name}`)
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem']
  const subject = ['-days', '1', '-subj', '/CN=tunnel', '-addext', `subjectAltName=${names}`]
  await run('openssl', ['req', '-x509', ...key, ...subject], { cwd: folder })
  await writeFile(join(folder, 'nginx.conf'), configuration(port, Object.entries(routes)))
  const nginx = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = once(nginx, 'exit')
  const stop = async () => {
    nginx.kill('SIGTERM')
    await exited
  }
  await Promise.race([waitForPort(port), exited.then(() => Promise.reject(new Error('nginx has ended.')))])
  return stop
}

/** Resolves when something listens. */
async function waitForPort(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    await setTimeout(20)
  }
}

function configuration(port: number, routes: readonly (readonly [string, number])[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path tmp;`,
  )
  const servers = routes.map(
    ([name, target]) =>
      `server { listen 127.0.0.1:${port} ssl; server_name ${name}; location / { proxy_pass http://127.0.0.1:${target}; } }`,
  )
  return `daemon off; pid nginx.pid; error_log stderr crit;
events {}
http {
  access_log off; ${temporary.join(' ')}
  ssl_certificate cert.pem; ssl_certificate_key key.pem;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  proxy_http_version 1.1; proxy_buffering off;
  proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https;
  proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
  ${servers.join('\n  ')}
}
`
}
