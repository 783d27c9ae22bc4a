import type { MessageReaders } from '@session-backend/core'
import { type MessageFrame, SessionBackendError, validate } from '@session-backend/core/internal'
import { Deliveries } from '../connection/deliveries.ts'

/** What to do with each message of the backend, by its name. */
export type MessageHandlers<ToPage> = { readonly [Name in keyof ToPage]?: (content: ToPage[Name]) => void }

/**
 * Passes the backend's messages on to the page, each checked by its schema. The others are reported and
 * ignored.
 */
export class Incoming<ToPage> {
  readonly #deliveries = new Deliveries<MessageHandlers<ToPage>, (to: MessageHandlers<ToPage>) => void>(
    (handlers, deliver) => deliver(handlers),
  )

  constructor(
    private readonly schemas: MessageReaders<ToPage>,
    private readonly onError: (error: SessionBackendError) => void,
  ) {}

  /** Calls `handlers` for each message, until the returned function is called. */
  subscribe(handlers: MessageHandlers<ToPage>): () => void {
    return this.#deliveries.subscribe(handlers)
  }

  /** Sets the components' `onMessage`. */
  deliverTo(components: () => readonly MessageHandlers<ToPage>[]): void {
    this.#deliveries.deliverTo(components)
  }

  /** Passes a message on, if the protocol has it and its content is valid. */
  deliver({ name, content }: MessageFrame): void {
    if (isName(this.schemas, name)) this.#deliverAs(name, content)
    else this.report(`a message \`${name}\`, which the protocol doesn't have`)
  }

  /** Reports an invalid message of the backend. */
  report(what: string): void {
    this.onError(new SessionBackendError('bad_message', `The backend sent ${what}. It was ignored.`))
  }

  #deliverAs<Name extends keyof ToPage>(name: Name, content: unknown): void {
    const result = validate<ToPage[Name]>(this.schemas[name], content)
    if (result.ok) this.#deliveries.receive((handlers) => handlers[name]?.(result.value))
    else this.report(`\`${String(name)}\`, which isn't valid: ${result.problem}`)
  }
}

/** Own properties only: `constructor` is not a message. */
function isName<Schemas extends object>(schemas: Schemas, name: PropertyKey): name is keyof Schemas {
  return Object.hasOwn(schemas, name)
}
