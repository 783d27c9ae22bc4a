import { beforeAll, describe } from 'vitest'
import { platformConforms } from '../test/support/conformance.ts'
import { buildBackend, docker, missing } from './support/images.ts'

const image = 'conformance/backend'
const broken = 'conformance/broken'

// They mostly wait for backends, which several can do at once.
describe.skipIf(missing).concurrent('the mock platform, with backends that are containers', () => {
  beforeAll(async () => {
    await buildBackend(image)
    const container = (await docker('create', image)).trim()
    await docker('commit', '--change', 'CMD ["/no/such/program"]', container, broken)
    await docker('rm', container)
  })
  platformConforms({ runs: { image }, broken: { image: broken }, port: 8080 })
})
