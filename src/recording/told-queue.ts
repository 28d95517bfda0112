// Commands on their way into the header of the next block, within its bounds.
import { maxToldBytes, maxToldCommands, type ToldCommand } from '#wire/told-command.ts'

export class ToldQueue {
  #queue: ToldCommand[] = []
  #bytes = 0

  add(told: ToldCommand): void {
    this.#queue.push(told)
    this.#bytes += sizeOf(told)
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0
  }
  /** A block should be ended for it. */
  get isMuch(): boolean {
    return this.#bytes > maxToldBytes / 2 || this.#queue.length > maxToldCommands / 2
  }

  /** As many as one header holds. */
  take(): ToldCommand[] {
    let count = 0
    let bytes = 0
    for (const told of this.#queue) {
      bytes += sizeOf(told)
      if (bytes > maxToldBytes || count === maxToldCommands) break
      count += 1
    }
    const taken = this.#queue.splice(0, count)
    for (const told of taken) this.#bytes -= sizeOf(told)
    return taken
  }
}

/** As JSON, at most. */
const sizeOf = ({ text, folder }: ToldCommand): number => 6 * (text.length + (folder?.length ?? 0)) + 200
