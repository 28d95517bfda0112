// The few sequences that matter to reading commands, found in output without a terminal: so that a flood costs a search and no more.

export type Found = { /** Behind the sequence, in the bytes that were given. */ at: number } & (
  | { kind: 'editing'; isOn: boolean }
  | { kind: 'full-screen'; isOn: boolean }
  | { kind: 'osc'; code: number; text: string }
)

const esc = 0x1b
const bracket = 0x5b
const bell = 0x07
/** Of a sequence that is cut by the end of a piece; a longer one is dropped. */
const maxModeBytes = 40
const maxOscBytes = 24 * 1024
const none = Buffer.alloc(0)
const modeMark = Buffer.from('\x1b[?', 'latin1')
const oscMark = Buffer.from('\x1b]', 'latin1')
const never = Infinity

export class OutputScan {
  #carry: Buffer = none

  /** In order. What is cut by the end of the bytes is found with the next. */
  find(bytes: Uint8Array): Found[] {
    const fresh = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const before = this.#carry.length
    const all = before === 0 ? fresh : Buffer.concat([this.#carry, fresh])
    this.#carry = none
    const found: Found[] = []
    // Two searches of long texts: a flood in colours is full of ESC.
    let [mode, osc] = [next(all, modeMark, 0), next(all, oscMark, 0)]
    for (;;) {
      const at = Math.min(mode, osc)
      if (at === never) {
        this.#carry = begun(all)
        break
      }
      let end = at + 2
      if (at === mode) {
        const read = readMode(all, at + 2)
        if (read === 'cut') {
          this.#carry = Buffer.from(all.subarray(at))
          break
        }
        end = read.end
        for (const each of read.found) found.push({ ...each, at: Math.max(end - before, 0) })
      } else {
        const read = readOsc(all, at + 2)
        if (read === 'cut') {
          this.#carry = Buffer.from(all.subarray(at))
          break
        }
        end = read.end
        if (read.osc !== undefined) found.push({ kind: 'osc', ...read.osc, at: Math.max(end - before, 0) })
      }
      if (mode < end) mode = next(all, modeMark, end)
      if (osc < end) osc = next(all, oscMark, end)
    }
    return found
  }
}

function next(all: Buffer, mark: Buffer, from: number): number {
  const at = all.indexOf(mark, from)
  return at === -1 ? never : at
}

/** ESC or ESC [ at the very end: a mark that may have begun. */
function begun(all: Buffer): Buffer {
  const last = all.at(-1)
  if (last === esc) return Buffer.from(all.subarray(-1))
  return last === bracket && all.at(-2) === esc ? Buffer.from(all.subarray(-2)) : none
}

type Mode = { kind: 'editing' | 'full-screen'; isOn: boolean }

/** `?2004h`, `?1049l` and so on; others are passed over. */
function readMode(all: Buffer, from: number): 'cut' | { end: number; found: Mode[] } {
  if (from >= all.length) return 'cut'
  if (all[from] !== 0x3f) return { end: from, found: [] }
  let end = from + 1
  while (end < all.length && end - from < maxModeBytes && isParameter(all[end] ?? 0)) end += 1
  if (end >= all.length) return all.length - from < maxModeBytes ? 'cut' : { end, found: [] }
  const final = all[end]
  if (final !== 0x68 && final !== 0x6c) return { end, found: [] }
  const found: Mode[] = []
  for (const mode of all.toString('latin1', from + 1, end).split(';')) {
    if (mode === '2004') found.push({ kind: 'editing', isOn: final === 0x68 })
    if (mode === '1049' || mode === '1047' || mode === '47') found.push({ kind: 'full-screen', isOn: final === 0x68 })
  }
  return { end: end + 1, found }
}
const isParameter = (byte: number) => (byte >= 0x30 && byte <= 0x39) || byte === 0x3b

/** Only those of the shell's marks are read: 7, 133, 633. */
function readOsc(all: Buffer, from: number): 'cut' | { end: number; osc?: { code: number; text: string } } {
  const head = /^(?:7|133|633)(?=;)/.exec(all.toString('latin1', from, from + 4))
  if (head === null) return from + 4 > all.length && /^[\d;]*$/.test(all.toString('latin1', from)) ? 'cut' : { end: from }
  for (let end = from; end < all.length; end += 1) {
    const byte = all[end] ?? 0
    if (end - from > maxOscBytes) return { end }
    if (byte === bell || (byte === esc && all[end + 1] === 0x5c)) {
      const text = all.toString('utf8', from + head[0].length + 1, end)
      return { end: end + (byte === bell ? 1 : 2), osc: { code: Number(head[0]), text } }
    }
    if (byte === esc && end + 1 >= all.length) return 'cut'
    // Any other control ends the string: a terminal would not go on with it either.
    if (byte < 0x20) return { end }
  }
  return all.length - from > maxOscBytes ? { end: all.length } : 'cut'
}
