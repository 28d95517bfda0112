// RFC 4251 section 5: the data types of SSH, read from bytes that nobody vouches for.

/** Thrown when bytes end early or a length does not fit; the caller turns it into the refusal that fits its subject. */
export class WireFault extends Error {}

export class WireReader {
  readonly #bytes: Buffer
  #at = 0
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }
  get remaining(): number {
    return this.#bytes.length - this.#at
  }
  take(length: number): Buffer {
    if (length > this.remaining) throw new WireFault(`${length} bytes were announced and ${this.remaining} are left`)
    const taken = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return taken
  }
  byte(): number {
    return this.take(1).readUInt8(0)
  }
  uint32(): number {
    return this.take(4).readUInt32BE(0)
  }
  /** A view of the string's bytes, not a copy. */
  string(): Buffer {
    return this.take(this.uint32())
  }
  text(): string {
    return this.string().toString('utf8')
  }
  /** The magnitude of a positive mpint without leading zeros. Throws for a negative one. */
  positive(): Buffer {
    let bytes = this.string()
    if ((bytes[0] ?? 0) & 0x80) throw new WireFault('a negative number where a positive one belongs')
    while (bytes.length > 0 && bytes[0] === 0) bytes = bytes.subarray(1)
    return bytes
  }
  end(): void {
    if (this.remaining > 0) throw new WireFault(`${this.remaining} bytes too many`)
  }
}

export function wireUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function wireString(value: Uint8Array | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([wireUint32(bytes.length), bytes])
}

/** An mpint from an unsigned big-endian magnitude. */
export function wireMpint(magnitude: Uint8Array): Buffer {
  let bytes = Buffer.from(magnitude)
  while (bytes.length > 0 && bytes[0] === 0) bytes = bytes.subarray(1)
  return wireString((bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
}
