// From bytes to text: which encoding a file has is guessed, and a person may know better.

export const encodings = ['utf-8', 'gb18030', 'utf-16le'] as const
export type Encoding = (typeof encodings)[number]

/** A byte order mark says it; else bytes that are UTF-8 are that, and others GB18030, which Chinese spreadsheets write. */
export function guessEncoding(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return 'utf-8'
  } catch {
    return 'gb18030' // what is not UTF-8 throws; that is the question that was asked
  }
}

/** What cannot be read in the encoding becomes U+FFFD; a byte order mark goes. */
export const decode = (bytes: Uint8Array, encoding: Encoding): string => new TextDecoder(encoding).decode(bytes)
