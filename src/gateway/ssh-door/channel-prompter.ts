// Questions to a person at a native terminal before their session begins. The client is in raw mode: what is typed is shown, or not, by us.
import { Failure } from '#domain/failure.ts'
import type { PromptQuestion, Prompter } from '../admission.ts'
import type { DoorWords } from './door-words.ts'
import type { SessionChannel } from './session-channel.ts'

const maxLineBytes = 1024
const answerWithinMs = 120_000

/** One line that the person types; null when they press Ctrl-C or Ctrl-D on an empty one. Rejects with the signal's reason, or when nobody answers within two minutes. */
export function readLine(channel: SessionChannel, prompt: string, echo: boolean, signal: AbortSignal): Promise<string | null> {
  channel.write(prompt.replace(/\r?\n/g, '\r\n'))
  const line: number[] = []
  return new Promise((resolve, reject) => {
    const finish = (act: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      channel.onInput = undefined
      channel.write('\r\n')
      act()
    }
    const aborted = () => finish(() => reject(signal.reason instanceof Error ? signal.reason : new Failure('client_left', 'The person left.')))
    if (signal.aborted)
      return void queueMicrotask(() => reject(signal.reason instanceof Error ? signal.reason : new Failure('client_left', 'The person left.')))
    const timer = setTimeout(() => finish(() => reject(new Failure('auth_failed', 'Nobody answered within two minutes. Connect again.'))), answerWithinMs)
    signal.addEventListener('abort', aborted, { once: true })
    const take = (bytes: Uint8Array) => {
      for (const [at, byte] of bytes.entries()) {
        const isEnd = byte === 0x0d || byte === 0x0a
        if (isEnd || byte === 0x03 || (byte === 0x04 && line.length === 0)) {
          // What is typed ahead is the program's.
          const rest = bytes.subarray(at + 1)
          finish(() => resolve(isEnd ? Buffer.from(line).toString('utf8') : null))
          return channel.channel.putBack(Buffer.from(rest))
        }
        if (byte === 0x7f || byte === 0x08) erase()
        else if (byte === 0x15) while (line.length > 0) erase()
        else if (byte >= 0x20 && line.length < maxLineBytes) {
          line.push(byte)
          if (echo) channel.channel.write(Uint8Array.of(byte))
        }
      }
      return undefined
    }
    const erase = () => {
      if (line.length === 0) return
      // Bytes of one character go together (RFC 3629).
      while (line.length > 1 && ((line.at(-1) ?? 0) & 0xc0) === 0x80) line.pop()
      line.pop()
      if (echo) channel.write('\b \b')
    }
    channel.onInput = take
  })
}

/** What the host asks goes to the terminal; without one nobody can be asked. */
export class ChannelPrompter implements Prompter {
  readonly #channel: SessionChannel
  readonly #words: DoorWords
  constructor(channel: SessionChannel, words: DoorWords) {
    this.#channel = channel
    this.#words = words
  }

  async ask(question: PromptQuestion, signal: AbortSignal): Promise<string[] | null> {
    if (!this.#channel.pty) throw new Failure('auth_failed', this.#words.needsTerminal)
    // An unknown key is trusted on the pages alone.
    if (question.kind === 'host-key') return null
    if (question.kind === 'password')
      return await this.#all([{ text: this.#words.password(question.account, question.hop ?? question.address), echo: false }], signal)
    const head = [question.hop, question.name, question.instructions].filter(Boolean).join('\r\n')
    if (head !== '') this.#channel.write(`${head}\r\n`)
    return await this.#all(question.prompts, signal)
  }

  async #all(prompts: readonly { text: string; echo: boolean }[], signal: AbortSignal): Promise<string[] | null> {
    const answers: string[] = []
    for (const { text, echo } of prompts) {
      const answer = await readLine(this.#channel, `${text}${/\s$/.test(text) ? '' : ' '}`, echo, signal)
      if (answer === null) return null
      answers.push(answer)
    }
    return answers
  }
}
