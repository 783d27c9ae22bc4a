// @ts-check
// The editor's backend as a container, on a Plane of our own. It all ends with us.
import { buildNodeImage, dockerClient, startDocker } from './docker.mjs'
import { startPlane } from './plane.mjs'

const IMAGE = 'editor:local'

/**
 * Starts Docker, makes the image of the editor's backend, and starts Plane.
 * @param {object} options
 * @param {string} options.backend The built backend, with all that it imports in one file.
 * @param {string} options.mountBase The parent of the documents' folder, which is all that a backend gets of
 * this machine.
 * @param {<T>(title: string, work: () => Promise<T>) => Promise<T>} options.progress Told what is done.
 * @returns {Promise<{ controllerUrl: string, image: string, stop: () => Promise<void> }>}
 */
export async function startEditorsPlane({ backend, mountBase, progress }) {
  const docker = await progress('Starting a Docker Engine', startDocker)
  try {
    await progress("Making the image of the editor's backend", () =>
      buildNodeImage(dockerClient({ host: docker.host }), IMAGE, {
        files: { '/app/backend.mjs': backend },
        command: ['/usr/local/bin/node', '/app/backend.mjs'],
      }),
    )
    const plane = await progress('Starting PostgreSQL, and Plane: controller, proxy and drone', () =>
      startPlane({ dockerHost: docker.host, mountBase }),
    )
    return {
      controllerUrl: plane.controllerUrl,
      image: IMAGE,
      async stop() {
        await plane.stop()
        await docker.stop()
      },
    }
  } catch (error) {
    await docker.stop()
    throw error
  }
}
