/** Limits on what the app's users may spawn. Each process of the app counts by itself. */
export interface Limits {
  /**
   * How many backends one user may spawn within a number of seconds. Users without a name count as one.
   * Default: no limit.
   */
  spawnsPerUser?: { max: number; seconds: number } | undefined
  /** How many backends that this process spawned may run at a time. Default: no limit. */
  running?: number | undefined
}
