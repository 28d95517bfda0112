// Hosts for tests of the API.
import { createHash, randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { HostKey } from '#domain/host-key.ts'
import type { AssetView } from '#wire/api/assets.ts'
import type { Answer, TestApi } from './test-api.ts'

export type Asset = AssetView

/** A host key as an ssh-ed25519 server has it (RFC 8709 section 4), of random bytes. */
export function makeHostKey(): HostKey {
  const type = Buffer.from('ssh-ed25519')
  const blob = Buffer.concat([Buffer.from([0, 0, 0, type.length]), type, Buffer.from([0, 0, 0, 32]), randomBytes(32)])
  return { type: 'ssh-ed25519', key: blob.toString('base64'), fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}` }
}

let made = 0
/** Adds a host with a name of its own. */
export async function addAsset(api: TestApi, cookie: string, more: Record<string, unknown> = {}): Promise<Asset> {
  const answer = await api.ask('POST', '/api/v1/assets', { cookie, body: { name: `host-${++made}`, address: '10.0.0.5', ...more } })
  expect([answer.status, answer.json.error]).toEqual([201, undefined])
  return answer.json as unknown as Asset
}

/** Status, code and field. */
export async function failureOf(asked: Promise<Answer>): Promise<[number, string | undefined, string | undefined]> {
  const { status, json } = await asked
  return [status, json.error?.code, json.error?.field]
}
