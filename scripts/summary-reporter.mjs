// @ts-check
// A Vitest reporter that writes how many tests passed, which failed, and which were skipped and why, as JSON.
import { writeFileSync } from 'node:fs'

/** @typedef {{ title: string, reason: string }} Told */
/** @typedef {{ passed: number, failed: Told[], skipped: Told[] }} Summary */

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
    const summary = {
      passed: 0,
      failed: unhandledErrors.map((error) => told('an error of no test', error)),
      skipped: [],
    }
    for (const module of modules) {
      const file = module.relativeModuleId
      // A file that does not load has no tests.
      for (const error of module.errors()) summary.failed.push(told(file, error))
      for (const test of module.children.allTests()) {
        const result = test.result()
        const title = `${file} > ${test.fullName}`
        if (result.state === 'passed') summary.passed += 1
        else if (result.state === 'failed') summary.failed.push(told(title, result.errors[0]))
        else {
          const note = result.state === 'skipped' ? result.note : undefined
          const reason = note || process.env.NO_ENGINES || 'no reason was given'
          summary.skipped.push({ title: test.fullName, reason })
        }
      }
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) summary.failed.push(told(`${file} > ${suite.fullName}`, error))
      }
    }
    writeFileSync(this.outputFile, JSON.stringify(summary))
  }
}

/**
 * @param {string} title
 * @param {unknown} error
 * @returns {Told} With the first line of what the error says.
 */
function told(title, error) {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error
  return { title, reason: String(message).split('\n', 1)[0] ?? '' }
}
