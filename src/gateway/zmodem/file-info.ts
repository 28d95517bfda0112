// What stands behind ZFILE (Forsberg, 13): a name, NUL, then words: length (decimal), time and mode (octal), serial number, files and bytes left of the batch.

/** The longest subpacket of lrzsz. */
const mostInfoBytes = 8192
/** Written by `touch` alone; more than a page can show, and lrzsz's own octal reader overflows. */
const mostSeconds = 253_402_300_799

export type FileInfo = {
  /** As the host gave it, decoded: may hold anything. */
  rawName: string
  bytes?: number
  /** Seconds since the epoch. */
  mtime?: number
  /** Permission bits alone. */
  mode?: number
  /** This file included. */
  filesLeft?: number
  bytesLeft?: number
}

/** Undefined when it is none: no name with a NUL behind it, too long. Words that make no sense are left out. */
export function readFileInfo(data: Uint8Array): FileInfo | undefined {
  const end = data.indexOf(0)
  if (end < 1 || data.length > mostInfoBytes) return undefined
  const behind = data.subarray(end + 1)
  const last = behind.indexOf(0)
  const words = Buffer.from(last < 0 ? behind : behind.subarray(0, last))
    .toString('latin1')
    .split(' ')
  const bytes = number(words[0], 10)
  const mtime = number(words[1], 8, mostSeconds)
  const mode = number(words[2], 8)
  const filesLeft = number(words[4], 10)
  const bytesLeft = number(words[5], 10)
  return {
    rawName: decodeName(data.subarray(0, end)),
    ...(bytes !== undefined && { bytes }),
    // Zero says that the time is not known.
    ...(mtime !== undefined && mtime > 0 && { mtime }),
    ...(mode !== undefined && mode > 0 && { mode: mode & 0o7777 }),
    ...(filesLeft !== undefined && { filesLeft }),
    ...(bytesLeft !== undefined && { bytesLeft }),
  }
}

/** The data of ZFILE for one file; `name` is written in UTF-8, as the host's file system has it today. */
export function fileInfoBytes(info: { name: string; bytes: number; mtime?: number; filesLeft: number; bytesLeft: number }): Uint8Array {
  const name = info.name.replaceAll('\0', '_')
  return Buffer.from(`${name}\0${info.bytes} ${Math.floor(info.mtime ?? 0).toString(8)} 100644 0 ${info.filesLeft} ${info.bytesLeft}\0`)
}

/** UTF-8 where the bytes are that; else GB18030, which also reads GBK and GB2312 and has a meaning for most bytes. */
function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // Not UTF-8: an older host.
    return new TextDecoder('gb18030').decode(bytes)
  }
}

function number(word: string | undefined, radix: 8 | 10, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (word === undefined || !(radix === 8 ? /^[0-7]{1,20}$/ : /^[0-9]{1,20}$/).test(word)) return undefined
  const value = Number.parseInt(word, radix)
  return value <= most ? value : undefined
}
