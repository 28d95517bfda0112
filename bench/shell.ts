/** A shell on the measured host, through Sallyport or through OpenSSH: the same things are done to both. */
export interface Shell {
  write(text: string): void
  /** Called with every chunk as it arrives. */
  onBytes: (bytes: Uint8Array) => void
  /** From now on nothing is read and nothing acknowledged, as a suspended laptop would. */
  stall(): void
  unstall(): void
  /** Bytes that came by the network so far, with everything that frames them; undefined where they cannot be counted. */
  wireBytes(): number | undefined
  close(): Promise<void>
}

/** One of the two that are compared. */
export type Side = {
  open(): Promise<Shell>
  /** CPU seconds so far of all processes between the client's ear and the host: all of Sallyport, or the `ssh` that runs. */
  cpuSeconds(): number
  /** Of these, those of the thread that draws screens: measured apart. */
  screenSeconds(): number
  memoryBytes(): number
  /** Resolves when nothing is left to do of what was carried (the recording is sealed), and answers how long that took, in ms. */
  settled(): Promise<number>
  /** Runs a flood in another session, read by another process, until it is stopped. */
  noise(): Promise<{ stop(): Promise<void> }>
}

const decoder = new TextDecoder('latin1')

/** Waits until `wanted` has come by; what came is dropped but for the last 4 KiB. Rejects after `withinMs`. */
export function waitFor(shell: Shell, wanted: string, withinMs = 20_000): Promise<void> {
  return new Promise((resolve, reject) => {
    let tail = ''
    const timer = setTimeout(
      () => reject(new Error(`${JSON.stringify(wanted)} did not come within ${withinMs} ms; last: ${JSON.stringify(tail.slice(-300))}`)),
      withinMs,
    )
    shell.onBytes = (bytes) => {
      tail = (tail + decoder.decode(bytes)).slice(-4096)
      if (!tail.includes(wanted)) return
      clearTimeout(timer)
      shell.onBytes = () => undefined
      resolve()
    }
  })
}

/** Turns the prompt and the line editor off, so that what comes back is what the command prints. */
export async function quiet(shell: Shell): Promise<void> {
  const ready = waitFor(shell, 'ready-7\r\n')
  shell.write("PS1=''; stty -echo; exec 2>&1; echo ready-$((3+4))\n")
  await ready
}
