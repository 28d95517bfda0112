// Terminals of ssh clients by the hundred: connections of their own over the SSH door, each without a process of its own.
import { generateKeyPairSync, sign } from 'node:crypto'
import { RawClient } from '../../src/ssh/raw-ssh-client.fixture.ts'
import { wireString, wireUint32, WireReader } from '../../src/ssh/wire-reader.ts'
import type { Product } from './product.ts'
import { addOperator } from './second-operator.ts'
import { waitUntil } from './wait.ts'

/** A key made here: `line` is what is added on the page. */
export function makeRawKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const point = Buffer.from(publicKey.export({ type: 'spki', format: 'der' })).subarray(-32)
  const blob = Buffer.concat([wireString('ssh-ed25519'), wireString(point)])
  return { privateKey, blob, line: `ssh-ed25519 ${blob.toString('base64')}` }
}
export type RawKey = ReturnType<typeof makeRawKey>

/** Signs in by this key. Rejects when the door does not take it. */
export async function rawSignIn(port: number, user: string, key: RawKey): Promise<RawClient> {
  const client = await RawClient.open(port)
  await client.service()
  const asked = [wireString(user), wireString('ssh-connection'), wireString('publickey'), Buffer.of(1), wireString('ssh-ed25519'), wireString(key.blob)]
  const signed = sign(null, Buffer.concat([wireString(client.sessionId), Buffer.of(50), ...asked]), key.privateKey)
  client.send(Buffer.of(50), ...asked, wireString(Buffer.concat([wireString('ssh-ed25519'), wireString(signed)])))
  const answer = await client.next()
  if (answer[0] !== 52) throw new Error(`not signed in: ${answer.toString('latin1')}`)
  return client
}

const longMs = 3_600_000
// No client of these ever reads as much.
const window = 1024 * 1024

export class RawTerminal {
  text = ''
  isClosed = false
  readonly client: RawClient
  readonly #channel: number

  private constructor(client: RawClient, channel: number) {
    this.client = client
    this.#channel = channel
    // The connection's end is the terminal's.
    void this.#read()
      .catch(() => undefined)
      .finally(() => (this.isClosed = true))
  }

  /** A shell at a terminal of 80 by 24, as soon as it has been asked for. */
  static async open(port: number, user: string, key: RawKey): Promise<RawTerminal> {
    const client = await rawSignIn(port, user, key)
    client.send(Buffer.of(90), wireString('session'), wireUint32(0), wireUint32(window), wireUint32(32_768))
    const channel = (await client.next(91)).readUInt32BE(5)
    const ask = (type: string, ...value: Buffer[]) => client.send(Buffer.of(98), wireUint32(channel), wireString(type), Buffer.of(1), ...value)
    ask('pty-req', wireString('xterm'), ...[80, 24, 0, 0].map(wireUint32), wireString(Buffer.of(0)))
    await client.next(99)
    ask('shell')
    await client.next(99)
    return new RawTerminal(client, channel)
  }

  type(text: string): void {
    this.client.send(Buffer.of(94), wireUint32(this.#channel), wireString(text))
  }

  async waitFor(wanted: string, withinMs = 30_000): Promise<void> {
    await waitUntil(
      wanted,
      () => {
        if (this.text.includes(wanted)) return true
        if (this.isClosed) throw new Error(`closed before ${wanted}: ${this.text.slice(-300)}`)
        return false
      },
      { withinMs, everyMs: 20 },
    )
  }

  /** Says goodbye, as a client that is closed by its person. */
  leave(): void {
    this.client.send(Buffer.of(1), wireUint32(11), wireString('bye'), wireString(''))
    this.client.socket.end()
  }

  async #read(): Promise<void> {
    for (;;) {
      const packet = await this.client.next(undefined, longMs)
      if (packet[0] === 80) this.client.send(Buffer.of(82))
      else if (packet[0] === 94 || packet[0] === 95) {
        const reader = new WireReader(packet.subarray(packet[0] === 94 ? 5 : 9))
        this.text += reader.text()
      } else if (packet[0] === 97) {
        this.leave()
        return
      }
    }
  }
}

export type RawPerson = { username: string; key: RawKey }
/** One may hold 200 connections. */
const perPerson = 150

/** Administrators with a key each, for `terminals` terminals. */
export async function makeRawPeople(product: Product, terminals: number): Promise<RawPerson[]> {
  const people: RawPerson[] = []
  while (people.length * perPerson < terminals) {
    const [username, key] = [`person${people.length}`, makeRawKey()]
    const api = await addOperator(product, username, username, 'admin')
    await api.call('POST', '/me/keys', { line: key.line, name: 'raw' })
    people.push({ username, key })
  }
  return people
}

/** Opens terminals on this host, four at a time, for each of these people in turn; those that are refused for the moment, on a machine with other work, try again. */
export async function openRawTerminals(count: number, product: Product, people: readonly RawPerson[], host: string, isOpen: string): Promise<RawTerminal[]> {
  const opened: RawTerminal[] = []
  let next = 0
  const opener = async () => {
    while (next < count) {
      const { username, key } = people[next++ % people.length] ?? { username: '', key: makeRawKey() }
      for (let tries = 0; ; tries += 1) {
        try {
          const terminal = await RawTerminal.open(product.sshPort, `${username}+${host}`, key)
          await terminal.waitFor(isOpen, 60_000)
          opened.push(terminal)
          break
        } catch (cause) {
          if (tries === 5) throw cause
          await new Promise((resolve) => setTimeout(resolve, 1000))
        }
      }
    }
  }
  await Promise.all(Array.from({ length: 4 }, opener))
  return opened
}
