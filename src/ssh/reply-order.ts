// RFC 4254 section 4: replies are sent in the order of the requests, whenever each of them is known.

export class ReplyOrder {
  readonly #line: { send?: () => void }[] = []

  /** Requests whose reply is not sent. */
  get length(): number {
    return this.#line.length
  }

  /** A place in the line. What it returns is called with what sends the reply; only the first call counts. */
  place(): (send: () => void) => void {
    const place: { send?: () => void } = {}
    this.#line.push(place)
    return (send) => {
      if (place.send) return
      place.send = send
      while (this.#line[0]?.send) this.#line.shift()?.send?.()
    }
  }
}
