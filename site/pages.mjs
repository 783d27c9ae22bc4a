// @ts-check
// What the site has, in the order of its sidebar. A guide that is made of sections says nothing that its README doesn't.

/**
 * @typedef {{
 *   title: string,
 *   path: string,
 *   source?: string,
 *   sections?: [file: string, heading: string, title?: string][],
 * }} Page `path` is the page's URL. It is a copy of the file `source`, or of some sections of files;
 * the changelog is what the packages' releases say.
 */

const SERVER = 'packages/server/README.md'
const REACT = 'packages/react/README.md'
const BACKEND = 'packages/backend/README.md'
const MOCK = 'packages/mock-platform/README.md'
const RECIPES = 'docs/backends.md'

/** @type {{ title: string, pages: Page[] }[]} */
export const CHAPTERS = [
  {
    title: 'Start',
    pages: [
      { title: 'Your first app', path: 'start', source: 'docs/start.md' },
      { title: 'Concepts', path: 'concepts', source: 'docs/concepts.md' },
      { title: 'Architecture', path: 'architecture', source: 'docs/architecture.md' },
    ],
  },
  {
    title: 'Guides: build',
    pages: [
      { title: 'Users and roles', path: 'guides/users', source: 'docs/users.md' },
      {
        title: 'Persistence and fencing',
        path: 'guides/persistence',
        sections: [
          [BACKEND, 'Storage'],
          [RECIPES, 'Documents in PostgreSQL'],
          [RECIPES, 'Documents in S3'],
          [RECIPES, 'Your own storage'],
        ],
      },
      {
        title: 'Messages that arrive once',
        path: 'guides/messages',
        sections: [[REACT, 'Messages that arrive once', 'In the page']],
      },
      {
        title: 'Yjs',
        path: 'guides/yjs',
        sections: [
          [BACKEND, 'Yjs', 'In the backend'],
          [REACT, 'Yjs', 'In the page'],
        ],
      },
      { title: 'socket.io', path: 'guides/socket-io', sections: [[REACT, 'socket.io', 'In the page']] },
      { title: 'Backends in Python and Go', path: 'guides/backends', source: 'docs/backends.md' },
      { title: 'Vue and Svelte', path: 'guides/frameworks', source: 'docs/frameworks.md' },
      { title: 'Programs that need their URL', path: 'guides/url-prefix', source: 'docs/url-prefix.md' },
      {
        title: 'Testing',
        path: 'guides/testing',
        sections: [
          [MOCK, 'In your tests', 'Your server and your backend'],
          [REACT, 'Tests', 'Your components'],
        ],
      },
    ],
  },
  {
    title: 'Guides: run',
    pages: [
      { title: 'Checking a backend', path: 'guides/check', source: 'docs/check.md' },
      { title: 'Deploy', path: 'guides/deploy', source: 'docs/deploy.md' },
      { title: 'Engines: hosted, Plane, Docker', path: 'guides/engines', source: 'docs/engines.md' },
      { title: 'Hosts of the route', path: 'guides/hosts', source: 'docs/hosts.md' },
      {
        title: 'Roll-outs',
        path: 'guides/roll-outs',
        sections: [
          [SERVER, 'Releasing a new version of the backend', 'A new version'],
          [MOCK, 'Warm pools'],
        ],
      },
      { title: 'Observability', path: 'guides/observability', source: 'docs/observability.md' },
      { title: 'Scaling', path: 'guides/scaling', source: 'docs/scaling.md' },
      { title: 'Security', path: 'guides/security', source: 'docs/security.md' },
      { title: 'Versions and support', path: 'guides/support', source: 'docs/support.md' },
      { title: 'Performance', path: 'guides/performance', source: 'docs/performance.md' },
      { title: 'Coming from the official SDK', path: 'guides/migrating', source: 'docs/migrating.md' },
    ],
  },
  {
    title: 'Answers',
    pages: [
      { title: 'Troubleshooting', path: 'troubleshooting', source: 'docs/troubleshooting.md' },
      { title: 'Compared with others', path: 'compared', source: 'docs/compared.md' },
      { title: 'Changelog', path: 'changelog' },
    ],
  },
  {
    title: 'Packages',
    pages: ['server', 'react', 'backend', 'mock-platform', 'core', 'conformance', 'create'].map((name) => ({
      title: name === 'create' ? 'create-session-backend' : name,
      path: `packages/${name}`,
      source: `packages/${name}/README.md`,
    })),
  },
  {
    title: 'Reference',
    pages: [
      { title: 'Protocol', path: 'protocol', source: 'PROTOCOL.md' },
      { title: 'Contributing', path: 'contributing', source: 'CONTRIBUTING.md' },
    ],
  },
]
