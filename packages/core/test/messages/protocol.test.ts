import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineProtocol, validate } from '../../src/messages/protocol.ts'

const schemas = {
  Valibot: v.object({ x: v.number() }),
  Zod: z.object({ x: z.number() }),
  ArkType: type({ x: 'number' }),
}

describe.each(Object.entries(schemas))('with %s', (_library, schema) => {
  it('lets what fits pass', () => {
    const protocol = defineProtocol({ toBackend: { move: schema }, toPage: {} })
    expect(validate(protocol.toBackend.move, { x: 1 })).toEqual({ ok: true, value: { x: 1 } })
  })

  it('says where a value does not fit', () => {
    const protocol = defineProtocol({ toBackend: { move: schema }, toPage: {} })
    const result = validate(protocol.toBackend.move, { x: 'left' })
    expect(result).toMatchObject({ ok: false, problem: expect.stringMatching(/^x: ./) })
  })
})

it('distinguishes the input type of a schema from its output type', () => {
  const Trimmed = v.pipe(
    v.string(),
    v.transform((text) => text.length),
  )
  const protocol = defineProtocol({ toBackend: { say: Trimmed }, toPage: { said: z.string() } })
  const result = validate<number>(protocol.toBackend.say, 'four')
  expect(result).toEqual({ ok: true, value: 4 })
  expectTypeOf(
    defineProtocol<{ say: string }, { say: number }, { said: string }, { said: string }>,
  ).returns.toEqualTypeOf<typeof protocol>()
})

it('knows which messages are volatile', () => {
  const protocol = defineProtocol({
    toBackend: { cursor: v.number(), draw: v.number() },
    toPage: { cursors: v.number() },
    volatile: ['cursor', 'cursors'],
  })
  expect(['cursor', 'cursors', 'draw', 'constructor'].map(protocol.isVolatile)).toEqual([
    true,
    true,
    false,
    false,
  ])
})

it('refuses a value that is not a schema, and an unknown volatile message', () => {
  const schema = v.number()
  // @ts-expect-error: not a schema.
  expect(() => defineProtocol({ toBackend: { draw: 'Stroke' }, toPage: {} })).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining('`toBackend.draw`') }),
  )
  // @ts-expect-error: there is no such message.
  expect(() => defineProtocol({ toBackend: { draw: schema }, toPage: {}, volatile: ['cursor'] })).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining('got `cursor`') }),
  )
})

it('refuses a schema that is asynchronous', () => {
  const schema = v.pipeAsync(
    v.string(),
    v.checkAsync(async () => true),
  )
  expect(() => validate(schema, 'a')).toThrow(expect.objectContaining({ code: 'invalid_option' }))
})
