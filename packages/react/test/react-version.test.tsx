import { version } from 'react'
import { version as domVersion } from 'react-dom'
import { expect, inject, it } from 'vitest'

it('these tests run on the React that the project names', () => {
  expect(version).toMatch(inject('react'))
  expect(domVersion).toBe(version)
})

declare module 'vitest' {
  interface ProvidedContext {
    /** What the version of React begins with. */
    react: string
  }
}
