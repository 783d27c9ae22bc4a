import { TERMINATION_REASONS, V2_STATUSES } from '@session-backend/core/internal'
import {
  answerObject,
  BODY_ERRORS,
  nullable,
  operation,
  optionals,
  parameter,
  ref,
  string,
  url,
} from '../openapi-parts.ts'

const time = { type: 'string', format: 'date-time' } as const

const backend = {
  id: string,
  created_at: time,
  service_name: string,
  cluster_name: string,
  account_name: string,
}

/** v2's values, by their names. */
export const SCHEMAS_V2 = {
  V2Status: { enum: V2_STATUSES },
  V2State: answerObject(
    {
      status: ref('V2Status'),
      time,
      termination_reason: { enum: TERMINATION_REASONS },
      termination_kind: { enum: ['soft', 'hard'] },
      exit_error: { type: 'boolean' },
    },
    ['termination_reason', 'termination_kind', 'exit_error'],
  ),
  Connect: optionals({
    key: ref('Lock'),
    spawn: {
      anyOf: [
        { type: 'boolean' },
        optionals({
          tag: string,
          cluster: string,
          lifetime_limit_seconds: ref('Seconds'),
          max_idle_seconds: ref('Seconds'),
          executable: optionals({ env: ref('Environment') }),
          use_static_token: { type: 'boolean' },
        }),
      ],
    },
    user: ref('UserName'),
    auth: ref('UserData'),
  }),
  Connected: answerObject({
    backend_id: string,
    spawned: { type: 'boolean' },
    status: ref('V2Status'),
    token: string,
    url,
    secret_token: nullable(string),
    status_url: url,
    ready_url: url,
  }),
  RunningBackends: answerObject({
    running_backends: {
      type: 'array',
      items: answerObject(
        {
          ...backend,
          status: ref('V2State'),
          key: string,
          tag: nullable(string),
          connections: { type: 'integer' },
        },
        ['key'],
      ),
    },
  }),
  BackendInfo: answerObject(
    {
      ...backend,
      statuses: { type: 'array', items: ref('V2State') },
      image_digest: string,
      key: string,
    },
    ['key'],
  ),
  Service: answerObject({
    name: string,
    account_name: string,
    created_at: time,
    last_spawned_at: nullable(time),
    last_image_upload_time: nullable(time),
    last_image_digest: nullable(string),
    image_name: string,
    environments: {
      type: 'array',
      items: answerObject({
        name: string,
        image_tag: string,
        cluster: string,
        created_at: time,
        last_spawned_at: nullable(time),
      }),
    },
  }),
  Terminate: optionals({ hard: { type: 'boolean' } }),
} as const

const ofAccount = [parameter('account')]
const ofService = [parameter('account'), parameter('service')]
const ofBackend = [parameter('name')]

/** v2's endpoints. They are served as they are, and not below `/v1`. */
export const PATHS_V2 = {
  '/v2/service/{account}/{service}/connect': {
    parameters: ofService,
    post: operation({
      summary: 'Connect to the backend that holds a key, or to a new one',
      body: 'Connect',
      answer: 'Connected',
      errors: [401, 403, 404, ...BODY_ERRORS, 429, 503],
    }),
  },
  '/v2/service/{account}/{service}': {
    parameters: ofService,
    get: operation({ summary: 'Describe a service', answer: 'Service', errors: [401, 403, 404] }),
  },
  '/v2/service/{account}/{service}/delete': {
    parameters: ofService,
    post: operation({ summary: 'Delete a service', answer: 'Ok', errors: [401, 403, 404] }),
  },
  '/v2/account/{account}/services': {
    parameters: ofAccount,
    get: operation({ summary: 'List the services', answer: 'Services', errors: [401, 403] }),
  },
  '/v2/account/{account}/service': {
    parameters: ofAccount,
    post: operation({
      summary: 'Create a service',
      body: 'CreateService',
      bodyRequired: true,
      answer: 'Ok',
      errors: [401, 403, ...BODY_ERRORS],
    }),
  },
  '/v2/account/{account}/backends': {
    parameters: ofAccount,
    get: operation({ summary: 'List the running backends', answer: 'RunningBackends', errors: [401, 403] }),
  },
  '/v2/backend/{name}': {
    parameters: ofBackend,
    get: operation({ summary: 'Describe a backend', answer: 'BackendInfo', errors: [401, 404] }),
  },
  '/v2/backend/{name}/status': {
    parameters: ofBackend,
    get: operation({
      summary: "Get a backend's current status",
      answer: 'V2State',
      errors: [404],
      auth: false,
    }),
  },
  '/v2/backend/{name}/status/stream': {
    parameters: ofBackend,
    get: operation({
      summary: "Get a backend's status stream",
      answer: 'text/event-stream',
      errors: [404, 406],
      auth: false,
    }),
  },
  '/v2/backend/{name}/logs/stream': {
    parameters: ofBackend,
    get: operation({ summary: "Get a backend's logs", answer: 'text/event-stream', errors: [401, 404, 406] }),
  },
  '/v2/backend/{name}/terminate': {
    parameters: ofBackend,
    post: operation({
      summary: 'Terminate a backend, at once if hard is true',
      body: 'Terminate',
      answer: 'Ok',
      errors: [401, 404, 409, ...BODY_ERRORS],
    }),
  },
}
