import { describe, expect, it } from 'vitest'
import { developmentOptions } from '../../src/cli/development.ts'

const DEV = { JAMSOCKET_DEV: 'true' }

describe('the options by JAMSOCKET_DEV', () => {
  it('are empty without the variable', () => {
    expect(developmentOptions({ JAMSOCKET_TOKEN: 'of the hosted platform' }, {})).toEqual({})
  })

  it('are an account, an access token and a port that an app with the same environment knows', () => {
    expect(developmentOptions(DEV, {})).toEqual({
      ...{ account: 'dev', token: 'dev.on-this-machine', port: 8080 },
    })
    const env = { ...DEV, JAMSOCKET_ACCOUNT: 'acme', JAMSOCKET_TOKEN: 'mine', JAMSOCKET_DEV_PORT: '9000' }
    expect(developmentOptions(env, {})).toEqual({ account: 'acme', token: 'mine', port: 9000 })
  })

  it.each(['0.0.0.0', '::', '192.0.2.7'])(
    'are without a token that everybody knows on the host %s',
    (host) => {
      expect(developmentOptions(DEV, { host })).not.toHaveProperty('token')
    },
  )

  it('are without a token that everybody knows behind a tunnel', () => {
    const publicUrl = 'https://platform.example'
    expect(developmentOptions(DEV, { publicUrl })).not.toHaveProperty('token')
    expect(developmentOptions({ ...DEV, JAMSOCKET_TOKEN: 'mine' }, { publicUrl })).toHaveProperty(
      'token',
      'mine',
    )
  })

  it('say what is wrong with the port', () => {
    const env = { ...DEV, JAMSOCKET_DEV_PORT: 'eighty' }
    expect(() => developmentOptions(env, {})).toThrow('`JAMSOCKET_DEV_PORT` must be a port, got "eighty".')
  })
})
