import { describe, expect, it } from 'vitest'
import { createMockPlatform } from '../src/index.ts'

describe('options', () => {
  it.each([
    ['port', { port: -1 }],
    ['port', { port: '80' }],
    ['account', { account: 'a/b' }],
    ['token', { token: 'with space' }],
    ['gracePeriodSeconds', { gracePeriodSeconds: -1 }],
    ['startTimeoutSeconds', { startTimeoutSeconds: Number.NaN }],
    ['services', { services: { 'a/b': { command: ['node'] } } }],
    ['services', { services: { editor: { command: [] } } }],
    ['services', { services: { editor: { command: 'node backend.js' } } }],
    ['services', { services: { editor: { command: ['node'], tags: { v2: {} } } } }],
    ['services', { services: { editor: { image: '' } } }],
    ['services', { services: { editor: { image: '--privileged' } } }],
    ['services', { services: { editor: { image: 'acme/editor', memory: '5m' } } }],
    ['services', { services: { editor: { image: 'acme/editor', memory: 'much' } } }],
    ['services', { services: { editor: { image: 'acme/editor', cpus: 0 } } }],
    ['services', { services: { editor: { image: 'acme/editor', command: ['node'] } } }],
    ['registryPort', { registryPort: 65_536 }],
    ['urls', { urls: 'dns' }],
    ['publicUrl', { publicUrl: 'platform.example' }],
    ['publicUrl', { publicUrl: 'https://platform.example/below' }],
    ['publicUrl', { publicUrl: 'https://ada:secret@platform.example' }],
    ['publicUrl', { publicUrl: 'http://192.0.2.7:8080', urls: 'subdomain' }],
    ['dashboardPort', { dashboardPort: -1 }],
    ['services', { services: { editor: { command: ['node'], staticToken: 'yes' } } }],
    ['prot', { prot: 8080 }],
  ])('a wrong %s is refused at once: %j', async (name, options) => {
    // @ts-expect-error what callers without types may do
    await expect(createMockPlatform(options)).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining(name),
    })
  })

  it.each([
    [{ command: 'node backend.js' }, /services\.editor is wrong\. A service has one of `command` \(a list/],
    [{}, /services\.editor is wrong\. A service has one of `command` \(a list/],
    [
      { command: ['node'], tags: { v2: {} } },
      /services\.editor is wrong\. Each of `tags` has one of `command`/,
    ],
  ])('says what a service takes: %j', async (editor, message) => {
    // @ts-expect-error what callers without types may do
    await expect(createMockPlatform({ services: { editor } })).rejects.toThrow(message)
  })
})
