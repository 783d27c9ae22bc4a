// @ts-check
// What `node scripts/sizes.mjs` measures: modules, as browsers load them.

/** @param {object} config */
const modifyEsbuildConfig = (config) => ({ ...config, format: 'esm' })

/** The modules that are loaded by `import()` when needed. */
const LATER = ['./following-*.js', './kept-on-disk-*.js']

const checks = [
  {
    name: '@session-backend/react: hook, provider and WebSocket',
    path: 'dist/index.js',
    import: '{ useSessionBackend, SessionBackendProvider }',
    limit: '8 kB',
    ignore: LATER,
  },
  {
    name: '… with the status stream, loaded by pages that wait for a backend',
    path: 'dist/index.js',
    import: '{ useSessionBackend, SessionBackendProvider }',
    limit: '10.7 kB',
  },
  { name: '@session-backend/react, all of it', path: 'dist/index.js' },
  {
    name: '@session-backend/react/client: a client without React, with WebSocket',
    path: 'dist/client.js',
    import: '{ createSessionClient }',
    limit: '7.7 kB',
    ignore: LATER,
  },
  {
    name: '@session-backend/react and its messages, which are sent once',
    import: {
      'dist/index.js': '{ useSessionBackend, SessionBackendProvider }',
      'dist/messages.js': '{ messages }',
    },
    ignore: LATER,
    path: 'dist/index.js',
    limit: '11 kB',
  },
  { name: '@session-backend/react/yjs, without yjs, y-protocols and lib0', path: 'dist/yjs.js' },
  {
    name: '@session-backend/react/socket-io on top of the hook, without socket.io-client',
    path: 'dist/socket-io.js',
    ignore: ['@session-backend/core'],
    limit: '0.8 kB',
  },
  {
    name: 'eventsource-parser: the SSE parser alone',
    path: 'node_modules/eventsource-parser/dist/index.js',
    import: '{ createParser }',
  },
  {
    name: 'partysocket/react: a WebSocket that reconnects',
    path: 'node_modules/partysocket/dist/react.js',
    import: '{ usePartySocket }',
  },
  { name: 'swr: requests', path: 'node_modules/swr/dist/index/index.mjs', import: 'useSWR' },
]

export default checks.map((check) => ({ ...check, gzip: true, modifyEsbuildConfig }))
