// @ts-check
// A Vitest reporter that writes how many tests passed and failed, and which were skipped and why, as JSON.
import { writeFileSync } from 'node:fs'

/** @typedef {{ passed: number, failed: number, skipped: { title: string, reason: string }[] }} Summary */

export default class SummaryReporter {
  /** @param {{ outputFile: string }} options */
  constructor({ outputFile }) {
    this.outputFile = outputFile
  }

  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {Summary} */
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [] }
    for (const module of modules) {
      // A file that does not load has no tests.
      summary.failed += module.errors().length
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') summary.passed += 1
        else if (result.state === 'failed') summary.failed += 1
        else {
          const note = result.state === 'skipped' ? result.note : undefined
          const reason = note || process.env.NO_ENGINES || 'no reason was given'
          summary.skipped.push({ title: test.fullName, reason })
        }
      }
      for (const suite of module.children.allSuites()) summary.failed += suite.errors().length
    }
    writeFileSync(this.outputFile, JSON.stringify(summary))
  }
}
