/** Where failures are written. `console` is one, and so is a pino logger. */
export interface Logger {
  error(details: object, message: string): void
}
