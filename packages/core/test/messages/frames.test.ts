import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  encodePageFrame,
  encodeRoomFrame,
  type PageFrame,
  parsePageFrame,
  parseRoomFrame,
  type RoomFrame,
} from '../../src/messages/frames.ts'

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const message = fc.record({
  type: fc.constant('message' as const),
  number: count,
  name: fc.string(),
  content: fc.option(fc.jsonValue(), { nil: undefined }),
})
const page = fc.stringMatching(/^[\w-]{16,64}$/)
const hello = fc.record({
  type: fc.constant('hello' as const),
  page,
  since: count,
  last: count,
  left: count,
})
const pageFrame: fc.Arbitrary<PageFrame> = fc.oneof(message, hello)
const roomFrame: fc.Arbitrary<RoomFrame> = fc.oneof(
  message,
  fc.record({ type: fc.constant('welcome' as const), page, since: count, received: count, saved: count }),
  fc.record({ type: fc.constantFrom('received' as const, 'saved' as const), page, number: count }),
  fc.record({ type: fc.constant('forgotten' as const), page }),
)
/** JSON knows no negative zero. */
const asJson = (value: object): unknown => JSON.parse(JSON.stringify(value))

it('reads every frame that it writes', () => {
  fc.assert(
    fc.property(pageFrame, (frame) => {
      expect(parsePageFrame(encodePageFrame(frame))).toEqual(asJson(frame))
    }),
  )
  fc.assert(
    fc.property(roomFrame, (frame) => {
      expect(parseRoomFrame(encodeRoomFrame(frame))).toEqual(asJson(frame))
    }),
  )
})

it('refuses everything that is not a frame, and never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.array(fc.jsonValue()).map((value) => JSON.stringify(value)),
      ),
      (text) => {
        for (const parse of [parsePageFrame, parseRoomFrame]) {
          const frame = parse(text)
          if (frame !== undefined) expect(Array.isArray(JSON.parse(text))).toBe(true)
        }
      },
    ),
  )
})

it.each([
  ['["hello",2,"0123456789abcdef",0,0]', 'another version'],
  ['["hello",1,"short",0,0]', 'an id that can be guessed'],
  ['["hello",1,"0123456789 abcdef",0,0]', 'an id with a space'],
  ['["hello",1,"0123456789abcdef",-1,0]', 'a negative number'],
  ['[1.5,"draw"]', 'a fraction'],
  ['[9007199254740993,"draw"]', 'a number that is not safe'],
  ['[1]', 'a message without a name'],
  ['{"0":1,"1":"draw"}', 'an object'],
])('refuses %s: %s', (text) => {
  expect(parsePageFrame(text)).toBeUndefined()
})

it('puts at most 32 bytes around the content of a message whose name has 8 letters', () => {
  const content = { x: 1, y: 2 }
  const frame = encodePageFrame({ type: 'message', number: 1_000_000, name: 'position', content })
  expect(frame.length - JSON.stringify(content).length).toBeLessThanOrEqual(32)
})
