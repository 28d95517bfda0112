import { randomBytes, randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseUserauthBlob } from './userauth-blob.ts'
import { readInfoResponse, readUserauthRequest } from './userauth-request.ts'
import { WireFault, wireString, wireUint32 } from './wire-reader.ts'

const sessionId = Buffer.alloc(32, 7)
const head = (method: string) => Buffer.concat([Buffer.of(50), wireString('alice+root+web1'), wireString('ssh-connection'), wireString(method)])
const blob = Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(32, 5))])
const signature = Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(64, 6))])
const requests = {
  none: head('none'),
  password: Buffer.concat([head('password'), Buffer.of(0), wireString('open sesame')]),
  change: Buffer.concat([head('password'), Buffer.of(1), wireString('old'), wireString('new')]),
  offer: Buffer.concat([head('publickey'), Buffer.of(0), wireString('ssh-ed25519'), wireString(blob)]),
  signed: Buffer.concat([head('publickey'), Buffer.of(1), wireString('ssh-ed25519'), wireString(blob), wireString(signature)]),
  keyboard: Buffer.concat([head('keyboard-interactive'), wireString(''), wireString('')]),
}
const answers = Buffer.concat([Buffer.of(61), wireUint32(2), wireString('one'), wireString('two')])

/** True when it was read, false when it was refused as the wire's fault; throws for everything else. */
function isRead(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (cause) {
    if (cause instanceof WireFault) return false
    throw cause
  }
}

describe('a request to sign in', () => {
  it('gives the data that was signed, bound to the connection', () => {
    const request = readUserauthRequest(requests.signed, sessionId)
    if (request.method !== 'publickey' || !request.signed) throw new Error('not signed')
    expect(request.signed.signature).toEqual(signature)
    expect(parseUserauthBlob(request.signed.data)).toEqual({
      ...{ sessionId, username: 'alice+root+web1', service: 'ssh-connection' },
      ...{ algorithm: 'ssh-ed25519', publicKey: blob },
    })
  })

  it('keeps nothing of the bytes that were lent', () => {
    const lent = Buffer.from(requests.password)
    const request = readUserauthRequest(lent, sessionId)
    lent.fill(0)
    expect([request.user, request.method === 'password' && request.password?.revealText()]).toEqual(['alice+root+web1', 'open sesame'])
  })

  it.each(Object.entries(requests))('is refused when it is cut anywhere, or longer: %s', (_name, whole) => {
    expect(isRead(() => readUserauthRequest(whole, sessionId))).toBe(true)
    for (let length = 0; length < whole.length; length++) expect(isRead(() => readUserauthRequest(whole.subarray(0, length), sessionId))).toBe(false)
    expect(isRead(() => readUserauthRequest(Buffer.concat([whole, Buffer.of(0)]), sessionId))).toBe(false)
  })

  it('is read or refused, whatever its bytes are', () => {
    const all = Object.values(requests)
    for (let round = 0; round < 5000; round++) {
      const bytes = round % 5 === 0 ? randomBytes(randomInt(1, 400)) : Buffer.from(all[round % all.length] ?? '')
      for (let flips = randomInt(1, 6); flips > 0; flips--) bytes[randomInt(bytes.length)] = randomInt(256)
      isRead(() => readUserauthRequest(bytes, sessionId))
      isRead(() => readInfoResponse(bytes, randomInt(11)))
    }
  })
})

describe('answers', () => {
  it('are as many as were asked for, or none', () => {
    expect(readInfoResponse(answers, 2)?.map((answer) => answer.revealText())).toEqual(['one', 'two'])
    expect([0, 1, 3].map((expected) => readInfoResponse(answers, expected))).toEqual([undefined, undefined, undefined])
    for (let length = 5; length < answers.length; length++) expect(isRead(() => readInfoResponse(answers.subarray(0, length), 2))).toBe(false)
  })
})
