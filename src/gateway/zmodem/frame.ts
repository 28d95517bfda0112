// The numbers of ZMODEM (Chuck Forsberg, "The ZMODEM Inter Application File Transfer Protocol", 1988, chapters 7 to 11), as both roles use them.

export const Frame = {
  ZRQINIT: 0,
  ZRINIT: 1,
  ZSINIT: 2,
  ZACK: 3,
  ZFILE: 4,
  ZSKIP: 5,
  ZNAK: 6,
  ZABORT: 7,
  ZFIN: 8,
  ZRPOS: 9,
  ZDATA: 10,
  ZEOF: 11,
  ZFERR: 12,
  ZCRC: 13,
  ZCHALLENGE: 14,
  ZCOMPL: 15,
  ZCAN: 16,
  ZFREECNT: 17,
  ZCOMMAND: 18,
} as const

/** Frames behind whose header data follows. */
export const hasData = (type: number): boolean => type === Frame.ZSINIT || type === Frame.ZFILE || type === Frame.ZDATA || type === Frame.ZCOMMAND

export const zpad = 0x2a
/** Also CAN: five in a row mean the end of the session, wherever they stand. */
export const zdle = 0x18
export const kindBin16 = 0x41
export const kindHex = 0x42
export const kindBin32 = 0x43

/** Ends of a subpacket: `E` and `W` end the frame, `G` and `Q` go on; `Q` and `W` want a ZACK. */
export const SubpacketEnd = { ZCRCE: 0x68, ZCRCG: 0x69, ZCRCQ: 0x6a, ZCRCW: 0x6b } as const
export const rub0 = 0x6c
export const rub1 = 0x6d

/** ZF0 of ZRINIT: what a receiver can do. */
export const Can = { fullDuplex: 0x01, overlapIo: 0x02, crc32: 0x20, escapeControls: 0x40, escape8: 0x80 } as const
export const cansToCancel = 5
/** As lrzsz sends it: more CAN than are needed, and backspaces for what of them a shell may have shown. */
export const cancelSequence: Uint8Array = Uint8Array.from([...Array.from({ length: 8 }, () => zdle), ...Array.from({ length: 10 }, () => 8)])

/** A header: its type and four bytes, which are a number (little-endian, an offset mostly) or flags (ZF0 is the last of them). */
export type Header = {
  kind: 'hex' | 'bin16' | 'bin32'
  type: number
  /** 0 to 2^32-1. */
  value: number
}
/** ZF0 of a header. */
export const flagsOf = (header: Header): number => header.value >>> 24
