import { describe, expect, it } from 'vitest'
import { type Drawing, Playback } from './playback.ts'
import { playAct } from './play-keys.ts'
import { Recording } from './recording.ts'

/** A terminal that only appends, and forgets at a reset. */
class Paper implements Drawing {
  text = ''
  size = ''
  resets = 0
  writes = 0
  async write(text: string): Promise<void> {
    await Promise.resolve()
    this.writes += 1
    if (text === '\u001Bc') {
      this.text = ''
      this.resets += 1
    } else this.text += text
  }
  resize(cols: number, rows: number): void {
    this.size = `${cols}x${rows}`
  }
}

function stand(events: unknown[], screens: object[] = []) {
  const recording = new Recording()
  recording.addLine('{"version":3,"term":{"cols":80,"rows":24}}')
  for (const event of events) recording.addLine(JSON.stringify(event))
  for (const screen of screens) recording.addScreen(JSON.stringify(screen))
  const paper = new Paper()
  const playback = new Playback(recording, paper, { speed: 1, idleSeconds: 0 }, () => undefined)
  return { recording, paper, playback }
}
const abc = [
  [1, 'o', 'a'],
  [1, 'r', '100x30'],
  [1, 'o', 'b'],
  [7, 'o', 'c'],
]
const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('playing', () => {
  it('shows what was shown until the moment, at the size of then, forward and backward', async () => {
    const { paper, playback } = stand(abc)
    await playback.seek(3000)
    expect([paper.text, paper.size]).toEqual(['ab', '100x30'])
    await playback.seek(10_000)
    expect([paper.text, paper.resets]).toEqual(['abc', 0])
    await playback.seek(1500)
    expect([paper.text, paper.size, paper.resets]).toEqual(['a', '80x24', 1])
    await playback.seek(-5)
    expect([paper.text, playback.state.timeMs]).toEqual(['', 0])
    await playback.seek(1e12)
    expect([paper.text, playback.state.timeMs]).toEqual(['abc', 10_000])
  })

  it('begins at a screen, also one in the middle of an output', async () => {
    const { paper, playback } = stand(
      [...abc, ...Array.from({ length: 1000 }, () => [0.001, 'o', '.'])],
      [{ offset: 2, atMs: 4000, cols: 70, rows: 20, text: 'SCREEN' }],
    )
    await playback.seek(20_000)
    await playback.seek(9000)
    expect([paper.text, paper.size]).toEqual(['SCREEN', '70x20'])
    await playback.seek(10_000)
    expect(paper.text).toBe('SCREENc')
    const cut = stand(
      [
        [1, 'o', 'hello'],
        [5, 'o', '!'],
        [9, 'o', '?'],
      ],
      [{ offset: 2, atMs: 1500, cols: 80, rows: 24, text: 'HE' }],
    )
    await cut.playback.seek(15_000)
    await cut.playback.seek(7000)
    expect(cut.paper.text).toBe('HEllo!')
  })

  it('goes on by the clock, faster when asked, and ends at the end', async () => {
    const { paper, playback } = stand(abc)
    playback.play()
    for (let tick = 0; tick < 5; tick += 1) {
      playback.tick(200, true)
      await settled()
    }
    expect([paper.text, playback.state.timeMs]).toEqual(['a', 1000])
    playback.setSpeed(8)
    // A page that was asleep goes on where it was.
    playback.tick(3_600_000, true)
    expect(playback.state.timeMs).toBe(3000)
    for (let tick = 0; tick < 10; tick += 1) {
      await settled()
      playback.tick(200, true)
    }
    expect([paper.text, playback.state.hasEnded, playback.state.isPlaying]).toEqual(['abc', true, false])
    playback.play()
    await settled()
    expect([playback.state.timeMs, playback.state.isPlaying]).toEqual([0, true])
  })

  it('skips what is idle longer than the limit, and keeps the names of moments', async () => {
    const { playback } = stand(abc)
    playback.setIdle(2)
    await playback.seek(3000)
    playback.play()
    for (let tick = 0; tick < 9; tick += 1) {
      playback.tick(200, false)
      await settled()
    }
    expect(playback.state.timeMs).toBeLessThan(5000)
    playback.tick(250, false)
    playback.tick(250, false)
    expect(playback.state.timeMs).toBeGreaterThanOrEqual(10_000)
  })

  it('waits at the end of what has come', async () => {
    const { recording, playback } = stand([[1, 'o', 'a']])
    await playback.seek(1000)
    playback.play()
    playback.tick(250, false)
    expect([playback.state.isPlaying, playback.state.timeMs]).toEqual([true, 1000])
    recording.addLine('[4,"o","b"]')
    playback.grown()
    playback.tick(250, true)
    expect([playback.state.durationMs, playback.state.timeMs]).toEqual([5000, 1250])
  })

  it('draws the last of many wishes', async () => {
    const { paper, playback } = stand(abc)
    await Promise.all([playback.seek(10_000), playback.seek(1000), playback.seek(3000)])
    expect([paper.text, playback.state.timeMs, playback.state.isSeeking]).toEqual(['ab', 3000, false])
  })

  it('steps from output to output', async () => {
    const { paper, playback } = stand(abc)
    await playback.step(1)
    expect([paper.text, playback.state.timeMs]).toEqual(['a', 1000])
    await playback.step(1)
    await playback.step(1)
    expect(paper.text).toBe('ab')
    await playback.step(-1)
    expect([paper.size, playback.state.timeMs]).toEqual(['100x30', 2000])
  })
})

it('knows its keys, and leaves those of the browser', () => {
  const key = (name: string, change: object = {}) => playAct({ key: name, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...change })
  expect([key(' '), key('ArrowRight'), key('ArrowLeft', { shiftKey: true }), key('7'), key(']'), key('.'), key('N', { shiftKey: true })]).toEqual([
    { act: 'toggle' },
    { act: 'jump', seconds: 5 },
    { act: 'jump', seconds: -60 },
    { act: 'share', share: 0.7 },
    { act: 'speed', by: 1 },
    { act: 'step', by: 1 },
    { act: 'recording', by: 1 },
  ])
  expect([key('x'), key('Tab'), key('Escape'), key('f', { ctrlKey: true }), key('Enter')]).toEqual([undefined, undefined, undefined, undefined, undefined])
})
