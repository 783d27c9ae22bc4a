/** Whether `npm run test:long` runs the tests: with as many rounds as a release needs. */
export const LONG = process.env.LONG_TESTS !== undefined
