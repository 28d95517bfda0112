// What an archive could not take, and why: said in the archive, so that nobody takes it for the whole folder.

const mostLines = 1000

export class LeftOut {
  readonly #lines: string[] = []
  #more = 0

  add(path: string, why: string): void {
    if (this.#lines.length >= mostLines) this.#more += 1
    else this.#lines.push(`${fit(path)}: ${fit(why)}`)
  }

  /** Undefined when there is nothing to say. */
  text(): string | undefined {
    if (this.#lines.length === 0) return undefined
    const rest = this.#more > 0 ? [`… and ${this.#more} more.`] : []
    return ['What Sallyport left out of this archive:', '', ...this.#lines, ...rest, ''].join('\r\n')
  }
}

/** For one line: names are a stranger's. */
const fit = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
    .slice(0, 4096)
