// The first line of a client, bounded before the SSH library sees a byte.

// RFC 4253 section 4.2: 255 bytes with CR LF, and nothing before it from a client.
const maxIdentBytes = 255
const shape = /^SSH-(2\.0|1\.99)-[\x21-\x7e]+( [\x20-\x7e]*)?$/

export type Identified = { line: string; rest: Buffer }

/** Gathers bytes until the line is whole. `notSsh`: why it is none. Holds at most 255 bytes and one chunk. */
export class ClientIdentification {
  #held: Buffer = Buffer.alloc(0)

  /** Undefined: more is needed. `rest` begins with the line itself, for the library. */
  add(chunk: Buffer): Identified | { notSsh: string } | undefined {
    // The chunk may be lent: copied.
    this.#held = Buffer.concat([this.#held, chunk])
    const end = this.#held.indexOf(0x0a)
    const line = end < 0 ? this.#held : this.#held.subarray(0, end)
    const start = line.subarray(0, 4).toString('latin1')
    if (!'SSH-'.startsWith(start) || (end >= 0 && start !== 'SSH-')) return { notSsh: 'this is an SSH server' }
    if (line.length > maxIdentBytes) return { notSsh: 'the identification is too long' }
    if (end < 0) return undefined
    const text = line.toString('latin1').replace(/\r$/, '')
    if (!shape.test(text)) return { notSsh: 'an old version, or a malformed identification' }
    return { line: text, rest: this.#held }
  }
}
