import type { Address } from '../address.ts'

/** What a runtime is asked to run. */
export interface Launch<Program> {
  program: Program
  /** Everything that the backend finds in its environment, except for `PORT`, which the runtime assigns. */
  env: Readonly<Record<string, string>>
  /** Set for a backend that waits in a warm pool. */
  warm?: WarmStart | undefined
}

/** How a backend of a warm pool is started. PROTOCOL.md: "Warm pools". */
export interface WarmStart {
  /** The socket of the pool, which is alone in its folder. */
  socket: string
  /** Resolves when the backend says that it is ready: nobody looks for its server before. */
  saysReady: Promise<void>
}

/** Told what becomes of a backend. After `gone` there is no further call. */
export interface Observer {
  /** The backend runs. */
  launched(): void
  /** It could not be started; `gone` follows. The reason is for the backend's log. */
  failed(reason: string): void
  /** It has written something. */
  output(text: string, source: string): void
  /** It listens, and nobody else does at this address. */
  listening(address: Address): void
  /** It has ended, with this code, or by a signal (null). `gone` follows when nothing of it is left. */
  exited(code: number | null, signal?: NodeJS.Signals | null): void
  /** The death of everything that it consisted of is confirmed. */
  gone(): void
}

/** A backend that a runtime was asked to run. */
export interface Instance {
  /** Asks all of it to end: SIGTERM, if it is a process. */
  terminate(): void
  /** Ends all of it: SIGKILL. */
  kill(): void
}

/** Runs backends: as processes, as functions, or in containers. */
export interface Runtime<Program> {
  /** Returns at once; what happens is told to the observer, never before `start` has returned. */
  start(launch: Launch<Program>, observer: Observer): Instance
}

/** The variable by which a backend on this machine finds its warm pool. */
export function socketVariable(warm: WarmStart | undefined): Record<string, string> {
  return warm ? { SESSION_BACKEND_SOCKET: warm.socket } : {}
}
