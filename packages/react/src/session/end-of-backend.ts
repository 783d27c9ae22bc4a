import type { BackendStatus, TerminalStatus } from '@session-backend/core'

/** How a session reacts to the end of its backend. */
export type Reaction =
  | 'replace at once'
  | 'replace after a wait'
  | 'respawn at once'
  | 'respawn after a wait'
  | 'stay ended'

/**
 * What a session does when its backend has a status:
 *
 * | status | means | while somebody watches |
 * | --- | --- | --- |
 * | Loading, Starting | it is being started | wait |
 * | Ready | it listens | connect |
 * | Terminated or Lost, after it told its pages to come back | it was handed over, as in a roll-out | replace at once |
 * | Terminated | somebody stopped it, perhaps before it was Ready | replace after a wait: who may open the document is for `authorize` to say |
 * | Swept | nobody was connected for the grace period | respawn at once: now somebody is here |
 * | Lost | the platform lost it; the backend did nothing wrong | respawn at once |
 * | Failed | it crashed | respawn after a wait |
 * | ErrorLoading, ErrorStarting, TimedOutBeforeReady | it never served | respawn after a wait: causes such as a registry's hiccup pass |
 * | Exited | it ended by itself, and says that all went well | leave it: its work is done, until the user asks for more |
 *
 * A respawn is paid from the budget, also one made at once. A replacement isn't: somebody ended the backend, so
 * it is in no crash loop. Through the relay, a backend is Lost once another one has its lock.
 *
 * @param wasAnnounced Whether the backend told its pages to come back.
 */
export function reactionTo(status: TerminalStatus, wasAnnounced: boolean): Reaction {
  if (status === 'Exited') return 'stay ended'
  if (wasAnnounced && isHandOver(status)) return 'replace at once'
  if (status === 'Terminated') return 'replace after a wait'
  return status === 'Swept' || status === 'Lost' ? 'respawn at once' : 'respawn after a wait'
}

/** Whether a backend that told its pages to come back was handed over. */
export function isHandOver(status: BackendStatus | undefined): boolean {
  return status === 'Terminated' || status === 'Lost'
}
