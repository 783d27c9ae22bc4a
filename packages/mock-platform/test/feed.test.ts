import { describe, expect, it, vi } from 'vitest'
import { Feed } from '../src/feed.ts'

describe('a feed', () => {
  it('is read from the start or from any place, and drops the oldest beyond its limit', () => {
    const feed = new Feed<string>(2)
    expect(feed.after(0)).toBeUndefined()
    for (const value of ['a', 'b', 'c']) feed.push(value)
    expect([feed.values, feed.last]).toEqual([['b', 'c'], 'c'])
    expect([feed.after(0), feed.after(1), feed.after(2), feed.after(3)]).toEqual([
      { id: 2, value: 'b' },
      { id: 2, value: 'b' },
      { id: 3, value: 'c' },
      undefined,
    ])
  })

  it('drops more of the oldest if the newest is heavy', () => {
    const feed = new Feed<string>(5, (value) => value.length)
    for (const value of ['a', 'bb', 'cc', 'dddd']) feed.push(value)
    expect(feed.values).toEqual(['dddd'])
    feed.push('e')
    expect([feed.values, feed.after(0)]).toEqual([['dddd', 'e'], { id: 4, value: 'dddd' }])
  })

  it('calls its followers with new entries until they leave', () => {
    const feed = new Feed<string>()
    const [staying, leaving] = [vi.fn(), vi.fn()]
    feed.follow(staying)
    feed.follow(leaving)()
    feed.push('a')
    expect([staying.mock.calls.length, leaving.mock.calls.length]).toEqual([1, 0])
  })

  it('ends once, and takes nothing after that', () => {
    const feed = new Feed<string>()
    const follower = vi.fn()
    feed.follow(follower)
    feed.push('a')
    for (let times = 0; times < 2; times++) feed.end()
    feed.push('late')
    expect([feed.values, feed.ended, follower.mock.calls.length]).toEqual([['a'], true, 2])
  })
})
