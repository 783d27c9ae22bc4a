import { describe, expect, it } from 'vitest'
import { encodeOpeningTimes, parseOpeningTimes, parseTraceparent } from '../src/internal.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

describe('parseTraceparent', () => {
  it('returns a value of version 00 as it is', () => {
    for (const flags of ['00', '01', '03']) {
      expect(parseTraceparent(`00-${TRACE}-${SPAN}-${flags}`)).toBe(`00-${TRACE}-${SPAN}-${flags}`)
    }
  })

  it.each([
    ['no text', undefined],
    ['a list', [`00-${TRACE}-${SPAN}-01`]],
    ['an empty text', ''],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capital letters', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['another version', `01-${TRACE}-${SPAN}-01`],
    ['the forbidden version', `ff-${TRACE}-${SPAN}-01`],
    ['more fields', `00-${TRACE}-${SPAN}-01-what`],
    ['two values', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['spaces around it', ` 00-${TRACE}-${SPAN}-01 `],
    ['a line break after it', `00-${TRACE}-${SPAN}-01\n`],
    ['a line of a log behind it', `00-${TRACE}-${SPAN}-01\n[session-backend] forged`],
    ['letters that are no digits', `00-${TRACE.replace('4', 'g')}-${SPAN}-01`],
    ['digits of another script', `00-${TRACE.replace('4', '٤')}-${SPAN}-01`],
  ])('ignores %s', (_, value) => {
    expect(parseTraceparent(value)).toBeUndefined()
  })
})

describe('the times of an opening in baggage', () => {
  const times = {
    click: 1767268800000,
    route: 1767268800012,
    authorized: 1767268800014,
    spawn: 1767268800015,
  }

  it('are read as they were written', () => {
    expect(encodeOpeningTimes(times)).toBe(
      'session-backend.click=1767268800000,session-backend.route=1767268800012,session-backend.authorized=1767268800014,session-backend.spawn=1767268800015',
    )
    expect(parseOpeningTimes(encodeOpeningTimes(times))).toEqual(times)
    expect(encodeOpeningTimes({})).toBe('')
    expect(parseOpeningTimes(undefined)).toEqual({})
  })

  it('are found among other members, with spaces and properties', () => {
    const baggage = 'userId=alice, session-backend.click=1767268800000 ;ttl=1 ,isProduction=false'
    expect(parseOpeningTimes(baggage)).toEqual({ click: 1767268800000 })
  })

  it.each([
    ['another name', 'session-backend.__proto__=1767268800000,session-backend.toString=1767268800000'],
    [
      'a time that is no time',
      'session-backend.click=now,session-backend.route=-1,session-backend.spawn=1e12',
    ],
    ['a time of another length', 'session-backend.click=17672688000001,session-backend.route=176726880000'],
    ['a line break', 'session-backend.click=1767268800000\nx'],
    ['more than 8,192 characters', `session-backend.click=1767268800000,${'a'.repeat(8_192)}`],
  ])('ignore %s', (_, baggage) => {
    expect(parseOpeningTimes(baggage)).toEqual({})
  })

  it('are the first of their name', () => {
    const baggage = 'session-backend.click=1767268800000,session-backend.click=1767268800001'
    expect(parseOpeningTimes(baggage)).toEqual({ click: 1767268800000 })
  })
})
