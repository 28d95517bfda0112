// Names of one folder of an archive: none twice, also where upper and lower case are one.

export class UniqueNames {
  readonly #taken = new Set<string>()
  /** The next number to try for a name, so that ten thousand equal ones do not try them all again. */
  readonly #next = new Map<string, number>()

  /** The name itself, or with ` (2)` before its ending. */
  take(name: string): string {
    const dot = name.lastIndexOf('.')
    const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
    const key = keyOf(name)
    let candidate = name
    for (let count = this.#next.get(key) ?? 2; this.#taken.has(keyOf(candidate)); count += 1) {
      candidate = `${stem} (${count})${ending}`
      this.#next.set(key, count + 1)
    }
    this.#taken.add(keyOf(candidate))
    return candidate
  }
}

const keyOf = (name: string) => name.normalize('NFC').toLowerCase()
