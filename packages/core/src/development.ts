/**
 * The account and access token of a mock platform on this machine, if JAMSOCKET_DEV=true is set for the platform and for
 * the app. Neither then needs the address or the token of the other.
 */
export const DEVELOPMENT = { account: 'dev', token: 'dev.on-this-machine', port: 8080 } as const
