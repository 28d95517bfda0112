// Text of terminals between the quotes of JSON, sixteen bytes at a time. What V8's own JSON does costs three passes (text from bytes, escaping, bytes from text) and strings to collect;
// this is one, in WebAssembly since JavaScript has no such instructions. The program is written out below and put together at start-up: there is nothing to build.
/** At most so much at once. */
export const maxEscapeBytes = 32 * 1024
/** The longest escape, `\u001b`, of one byte. */
export const mostPerByte = 6

/** Per byte eight: its escape, and in the last one how long that is. */
const tableAt = 0
const inputAt = 2048
/** Behind the input sixteen bytes may be read beyond its end. */
const outputAt = inputAt + maxEscapeBytes + 64
const pageBytes = 64 * 1024
const pages = Math.ceil((outputAt + maxEscapeBytes * mostPerByte + 64) / pageBytes)

// Instructions, as https://webassembly.github.io/spec/core/binary/instructions.html numbers them.
const i32 = 0x7f
const v128 = 0x7b
const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)])
const signedLeb = (value: number): number[] => (value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signedLeb(value >> 7)])
const get = (local: number) => [0x20, local]
const set = (local: number) => [0x21, local]
const tee = (local: number) => [0x22, local]
const constant = (value: number) => [0x41, ...signedLeb(value)]
const add = [0x6a]
const subtract = [0x6b]
const shiftLeft = [0x74]
const countTrailingZeros = [0x68]
const isAtLeast = [0x4f]
const load8 = (offset: number) => [0x2d, 0, ...leb(offset)]
const load64 = (offset: number) => [0x29, 0, ...leb(offset)]
const store64 = [0x37, 0, 0]
const loadVector = [0xfd, 0x00, 0, 0]
const storeVector = [0xfd, 0x0b, 0, 0]
const splat = [0xfd, 0x0f]
const isEqual16 = [0xfd, 0x23]
const isBelow16 = [0xfd, 0x26]
const or16 = [0xfd, 0x50]
const bitmask16 = [0xfd, 0x64]
const block = [0x02, 0x40]
const loop = [0x03, 0x40]
const when = [0x04, 0x40]
const branch = (depth: number) => [0x0c, depth]
const branchIf = (depth: number) => [0x0d, depth]
const end = [0x0b]

/** Parameter 0: where the input ends. Locals: 1 input, 2 output, 3 which of sixteen bytes are to be escaped, 4 a byte, 5 the sixteen, 6 to 8 what they are compared with. */
const escapeBody = [
  [constant(inputAt), set(1), constant(outputAt), set(2)],
  [constant(0x20), splat, set(6), constant(0x22), splat, set(7), constant(0x5c), splat, set(8)],
  [block, loop],
  [get(1), get(0), isAtLeast, branchIf(1)],
  // They are written as they are; what follows one that is to be escaped is written over.
  [get(2), get(1), loadVector, tee(5), storeVector],
  [get(5), get(6), isBelow16, get(5), get(7), isEqual16, or16, get(5), get(8), isEqual16, or16, bitmask16, tee(3)],
  [when, get(1), get(3), countTrailingZeros, add, set(1), get(2), get(3), countTrailingZeros, add, set(2)],
  [get(1), get(0), isAtLeast, branchIf(2)],
  [get(2), get(1), load8(0), constant(3), shiftLeft, tee(4), load64(tableAt), store64],
  [get(2), get(4), load8(tableAt + 7), add, set(2), get(1), constant(1), add, set(1), branch(1), end],
  [get(1), constant(16), add, set(1), get(2), constant(16), add, set(2), branch(0)],
  [end, end],
  // What was read beyond the end is given back.
  [get(2), constant(outputAt), subtract, get(1), get(0), subtract, subtract, end],
].flat(2)

const section = (id: number, content: number[]) => [id, ...leb(content.length), ...content]
const name = (text: string) => [text.length, ...Buffer.from(text, 'latin1')]
function makeProgram(): Uint8Array<ArrayBuffer> {
  const locals = [2, 4, i32, 4, v128]
  const body = [...locals, ...escapeBody]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 1, i32, 1, i32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0x00, ...leb(pages)]),
    ...section(7, [2, ...name('escape'), 0x00, 0, ...name('memory'), 0x02, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ])
}

type Escaper = { memory: Uint8Array; escape: (inputEnd: number) => number }
let made: Escaper | undefined

function escaper(): Escaper {
  if (made !== undefined) return made
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(makeProgram()))
  const memory = new Uint8Array((exports['memory'] as WebAssembly.Memory).buffer)
  for (let byte = 0; byte < 256; byte += 1) {
    const escape = byte < 0x20 || byte === 0x22 || byte === 0x5c ? JSON.stringify(String.fromCharCode(byte)).slice(1, -1) : ''
    memory.set(Buffer.from(escape, 'latin1'), tableAt + byte * 8)
    memory[tableAt + byte * 8 + 7] = escape.length
  }
  made = { memory, escape: exports['escape'] as Escaper['escape'] }
  return made
}

/**
 * Writes UTF-8 (at most 32 KiB, whole characters) at `at` as it stands between the quotes of JSON, byte for byte what `JSON.stringify` makes of it. Returns how many bytes that was:
 * at most six for each, and there must be room for so many.
 */
export function escapeJson(utf8: Uint8Array, into: Uint8Array, at: number): number {
  const { memory, escape } = escaper()
  if (utf8.length > maxEscapeBytes) throw new RangeError(`${utf8.length} bytes are more than can be escaped at once`)
  memory.set(utf8, inputAt)
  const length = escape(inputAt + utf8.length)
  into.set(memory.subarray(outputAt, outputAt + length), at)
  return length
}
