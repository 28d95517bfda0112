/** A value that must not be printed: every way of turning it into text gives `[secret]`. Call `reveal()` where it is used, nowhere else. */
export class Secret {
  readonly #value: Uint8Array
  constructor(value: Uint8Array | string) {
    this.#value = typeof value === 'string' ? new TextEncoder().encode(value) : value
  }
  reveal(): Uint8Array {
    return this.#value
  }
  revealText(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#value)
  }
  /** Overwrites the bytes; copies made by `revealText` are out of reach. */
  forget(): void {
    this.#value.fill(0)
  }
  toString(): string {
    return '[secret]'
  }
  toJSON(): string {
    return '[secret]'
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}
