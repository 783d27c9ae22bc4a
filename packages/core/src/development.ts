/**
 * The account and access token of a mock platform on this machine, if JAMSOCKET_DEV=true is set for the platform and for
 * the app, and nothing else: neither has to be told of the other.
 */
export const DEVELOPMENT = { account: 'dev', token: 'dev.on-this-machine', port: 8080 } as const
