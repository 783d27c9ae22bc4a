import { describe, expect, it } from 'vitest'
import { imageName } from '../../../src/runtime/docker/images.ts'

const registry = { address: '127.0.0.1:5000', account: 'acme', token: 'sekret' }
const digest = `sha256:${'0'.repeat(64)}`

describe("an image's full name", () => {
  it.each([
    ['editor', undefined, 'editor:latest'],
    ['editor:v1', undefined, 'editor:v1'],
    ['editor:v1', 'v2', 'editor:v2'],
    ['ghcr.io/acme/editor', 'v2', 'ghcr.io/acme/editor:v2'],
    ['localhost:5000/editor', undefined, 'localhost:5000/editor:latest'],
    ['localhost:5000/editor:v1', 'v2', 'localhost:5000/editor:v2'],
    [`editor@${digest}`, undefined, `editor@${digest}`],
    [`editor:v1@${digest}`, 'v2', 'editor:v2'],
  ])('%s with the tag %s is %s', (image, tag, name) => {
    expect(imageName(image, tag, undefined)).toBe(name)
  })

  // Specification: "Images are expected to follow the naming scheme [ACCOUNT]/[SERVICE]".
  it.each([
    ['acme/editor', 'v1', '127.0.0.1:5000/acme/editor:v1'],
    ['acme/team/editor', undefined, '127.0.0.1:5000/acme/team/editor:latest'],
    ['acmes/editor', undefined, 'acmes/editor:latest'],
    ['ghcr.io/acme/editor', undefined, 'ghcr.io/acme/editor:latest'],
  ])('%s with the tag %s is %s, where there is a registry of the account', (image, tag, name) => {
    expect(imageName(image, tag, registry)).toBe(name)
  })

  it.each(['', 'a/b', 'a:b', '../x', '-x', 'x?y', 'x'.repeat(129)])('has no tag %j', (tag) => {
    expect(() => imageName('editor', tag, undefined)).toThrow('is no tag of an image')
  })
})
