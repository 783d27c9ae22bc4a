import type { Lab } from '../lab/lab.ts'
import type { Need, Scale } from '../lab/scale.ts'

/** One thing that a backend must do in production. */
export interface Check {
  /** What the command line and the report call it. */
  name: string
  /** What must hold, as a sentence about the backend. */
  title: string
  /** What is done to find out, as a sentence. */
  tried: (scale: Scale) => string
  /** The most time that it may take, in ms. */
  limit: number
  needs: readonly Need[]
  /** Whether it makes edits without waiting until they are saved. If not, it builds on `saves`. Default false. */
  waitsForNoSave?: boolean
  /** Throws {@link Finding} if the backend doesn't hold. Everything that was opened in the lab is closed afterwards. */
  run(lab: Lab): Promise<Verdict>
}

/** What a check found. */
export interface Verdict {
  result: 'pass' | 'fail' | 'not tried'
  /** What happened, or why it was not tried, in sentences. */
  happened: string
  /** If it failed: what to do. */
  todo?: string | undefined
}

export function pass(happened: string): Verdict {
  return { result: 'pass', happened }
}

export function notTried(why: string): Verdict {
  return { result: 'not tried', happened: why }
}
