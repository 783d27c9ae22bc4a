import { BACKEND_STATUSES } from '@session-backend/core'
import {
  answerObject,
  BODY_ERRORS,
  json,
  objectSchema,
  operation,
  optionals,
  parameter,
  ref,
  string,
  url,
} from '../openapi-parts.ts'
import type { ApiRoute } from '../router.ts'
import { RULE_SCHEMAS } from '../rules.ts'
import { PATHS_V2, SCHEMAS_V2 } from '../v2/openapi.ts'

const schemas = {
  Status: { enum: BACKEND_STATUSES },
  Ok: answerObject({ status: { const: 'ok' } }),
  Auth: answerObject(
    { status: { const: 'ok' }, accounts: { type: 'array', items: string }, is_admin: { type: 'boolean' } },
    ['accounts', 'is_admin'],
  ),
  Services: answerObject({ services: { type: 'array', items: string } }),
  Backend: answerObject({
    name: string,
    url,
    ready_url: url,
    status_url: url,
    status: ref('Status'),
    spawned: { type: 'boolean' },
  }),
  BackendState: answerObject({
    state: ref('Status'),
    time: { type: 'string', format: 'date-time' },
  }),
  LogEnd: answerObject({ lines: { type: 'array', items: string }, retry: { type: 'boolean' } }),
  Retry: answerObject({ ready_url: url }),
  Error: answerObject({
    error: answerObject({ message: string, status: { type: 'integer' }, code: string, id: string }),
  }),
  ...RULE_SCHEMAS,
  CreateService: objectSchema({ name: ref('ServiceName') }),
  Spawn: optionals({
    tag: string,
    grace_period_seconds: ref('Seconds'),
    lock: ref('Lock'),
    env: ref('Environment'),
    use_static_token: { type: 'boolean' },
  }),
  Fetch: objectSchema({ lock: ref('Lock') }),
  ...SCHEMAS_V2,
}

const account = parameter('account')
const service = parameter('service')
const backend = parameter('name')

/** What the API takes and answers, as OpenAPI 3.1. */
export const OPENAPI = {
  openapi: '3.1.0',
  info: { title: 'Session backend platform', version: '1' },
  servers: [{ url: '/' }, { url: '/v1' }],
  paths: {
    '/auth': {
      get: operation({ summary: 'Check authentication credentials', answer: 'Auth', errors: [401] }),
    },
    '/metrics': {
      get: operation({ summary: 'Metrics for Prometheus', answer: 'text/plain', errors: [401] }),
    },
    '/user/{account}/services': {
      parameters: [account],
      get: operation({ summary: 'Get a list of services', answer: 'Services', errors: [401, 403] }),
    },
    '/user/{account}/service': {
      parameters: [account],
      post: operation({
        summary: 'Create service',
        body: 'CreateService',
        bodyRequired: true,
        answer: 'Ok',
        errors: [401, 403, ...BODY_ERRORS],
      }),
    },
    '/user/{account}/service/{service}/spawn': {
      parameters: [account, service],
      post: operation({
        summary: 'Spawn a backend',
        body: 'Spawn',
        answer: 'Backend',
        errors: [401, 403, 404, ...BODY_ERRORS, 429, 503],
      }),
    },
    '/user/{account}/service/{service}/fetch': {
      parameters: [account, service],
      post: operation({
        summary: 'Fetch a backend holding a given lock',
        body: 'Fetch',
        bodyRequired: true,
        answer: 'Backend',
        errors: [401, 403, 404, ...BODY_ERRORS],
      }),
    },
    '/backend/{name}/logs': {
      parameters: [backend],
      get: operation({
        summary: "Get a backend's logs",
        answer: 'text/event-stream',
        errors: [401, 404, 406],
      }),
    },
    '/backend/{name}/status/stream': {
      parameters: [backend],
      get: operation({
        summary: "Get a backend's status stream",
        answer: 'text/event-stream',
        errors: [404, 406],
        auth: false,
      }),
    },
    '/backend/{name}/status': {
      parameters: [backend],
      get: operation({
        summary: "Get a backend's current status",
        answer: 'BackendState',
        errors: [404],
        auth: false,
      }),
    },
    '/backend/{name}/ready': {
      parameters: [backend],
      get: operation({ summary: 'Backend ready page', answer: 'text/html', errors: [404], auth: false }),
    },
    '/ready/{name}/{token}/': {
      parameters: [backend, parameter('token')],
      get: operation({ summary: 'Backend ready page', answer: 'text/html', errors: [404], auth: false }),
    },
    '/ready/{name}/{token}/log': {
      parameters: [backend, parameter('token')],
      get: operation({ summary: "The end of a backend's log", answer: 'LogEnd', errors: [404], auth: false }),
    },
    '/ready/{name}/{token}/retry': {
      parameters: [backend, parameter('token')],
      post: operation({
        summary: 'Spawn a backend that has failed again',
        answer: 'Retry',
        errors: [403, 404, 503],
        auth: false,
      }),
    },
    '/backend/{name}/terminate': {
      parameters: [backend],
      post: operation({ summary: 'Terminate a backend', answer: 'Ok', errors: [401, 404] }),
    },
    ...PATHS_V2,
  },
  components: {
    schemas,
    securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    responses: { Error: { description: 'Failure', content: json('Error') } },
  },
}

/** Serves the description of the API. */
export const openApiRoute: ApiRoute = {
  endpoint: 'openapi',
  method: 'GET',
  path: '/openapi.json',
  auth: false,
  cors: false,
  handle: () => OPENAPI,
}
