import { describe, expect, it } from 'vitest'
import { createAhead } from '../../../src/hub/get-all/read-ahead.ts'

/** A clock that stands still until it is told to go on. */
function createTimers() {
  const waiting = new Set<{ readonly at: number; readonly run: () => void }>()
  const after = (ms: number, run: () => void) => {
    const timer = { at: ms, run }
    waiting.add(timer)
    return () => void waiting.delete(timer)
  }
  const goTo = (ms: number) => {
    for (const timer of waiting) {
      if (timer.at > ms) continue
      waiting.delete(timer)
      timer.run()
    }
  }
  return { after, goTo, waiting }
}

function createReads() {
  const begun: string[] = []
  const cancelled: string[] = []
  const read = (name: string) => () => {
    begun.push(name)
    return { result: Promise.resolve(`${name} is read`), cancel: () => void cancelled.push(name) }
  }
  return { begun, cancelled, read }
}

const LIMITS = { most: 8, mostOfReader: 2, keepMs: 150, freshMs: 50 }

describe('Transport and format: GET All via Hubs, pages read ahead', () => {
  it('lets the answer in hand leave before it begins', async () => {
    const { after, goTo } = createTimers()
    const { begun, read } = createReads()
    const ahead = createAhead<string>(after, LIMITS)
    ahead.begin('reader', 'a', read('a'))
    expect(begun).toEqual([])
    goTo(0)
    expect(begun).toEqual(['a'])
    expect(await ahead.take('a')).toBe('a is read')
    expect(begun).toEqual(['a'])
  })

  it('begins at once what is asked for already, and once', async () => {
    const { after, goTo, waiting } = createTimers()
    const { begun, read } = createReads()
    const ahead = createAhead<string>(after, LIMITS)
    ahead.begin('reader', 'a', read('a'))
    ahead.begin('reader', 'a', read('again'))
    expect(await ahead.take('a')).toBe('a is read')
    goTo(100)
    expect(begun).toEqual(['a'])
    expect(waiting.size).toBe(0)
    expect(ahead.take('a')).toBeUndefined()
  })

  it('ends what nobody comes for', () => {
    const { after, goTo, waiting } = createTimers()
    const { cancelled, read } = createReads()
    const ahead = createAhead<string>(after, { ...LIMITS, most: 2 })
    for (const name of ['a', 'b']) ahead.begin('reader', name, read(name))
    goTo(50)
    expect(cancelled).toEqual([])
    goTo(100)
    expect(cancelled).toEqual(['a', 'b'])
    expect(waiting.size).toBe(0)
    expect(ahead.take('b')).toBeUndefined()
  })

  it('where there are too many begins no more, until the oldest has waited for a while: then that one ends', () => {
    const { after, goTo } = createTimers()
    const { begun, cancelled, read } = createReads()
    const ahead = createAhead<string>(after, { ...LIMITS, most: 2 })
    for (const name of ['a', 'b', 'c']) ahead.begin(`reader of ${name}`, name, read(name))
    goTo(49)
    expect(ahead.take('c')).toBeUndefined()
    expect({ begun, cancelled }).toEqual({ begun: ['a', 'b'], cancelled: [] })
    goTo(50)
    ahead.begin('reader of d', 'd', read('d'))
    goTo(49)
    expect({ begun, cancelled }).toEqual({ begun: ['a', 'b', 'd'], cancelled: ['a'] })
  })

  it('of one reader ends the oldest where there are too many, whatever it is', () => {
    const { after, goTo } = createTimers()
    const { cancelled, read } = createReads()
    const ahead = createAhead<string>(after, LIMITS)
    for (const name of ['a', 'b']) ahead.begin('reader', name, read(name))
    ahead.begin('another', 'c', read('c'))
    goTo(0)
    ahead.begin('reader', 'd', read('d'))
    expect(cancelled).toEqual(['a'])
  })
})
