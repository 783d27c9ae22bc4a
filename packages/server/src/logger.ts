/** Where failures are written. `console` is one, and so is a pino logger. */
export interface Logger {
  warn(details: object, message: string): void
  error(details: object, message: string): void
}
