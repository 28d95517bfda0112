// The tables, as Kysely sees them on both engines. Times are ms since the epoch; booleans are 0 or 1; JSON is text.
import type { Generated } from 'kysely'

export type Tables = {
  operators: { id: string; username: string; name: string; role: string; mayWatch: number; enabled: number; passwordHash: string; createdAt: number }
  /** Sign-ins of browsers; `id` is the SHA-256 (hex) of the cookie. */
  signIns: { id: string; operatorId: string; createdAt: number; lastSeenAt: number; expiresAt: number; source: string; agent: string }
  /** Bounded memory of failed sign-ins, by what is slowed: `account:<digest of the name>`, `source:<address>`, or `known:<digest>@<address>` for a place from which the account has signed in. */
  signInTries: { what: string; failures: number; lastAt: number }
  assets: {
    id: string
    name: string
    address: string
    port: number
    protocol: string
    tags: string
    createdAt: number
    lastUsedAt: number | null
    confirmedLoopback: number
    hostKeyPolicy: Generated<string>
    /** Through which account of which host it is reached; both null or neither. */
    viaAssetId: string | null
    viaAccountId: string | null
    /** What the last look found: `reachable` or `unreachable`, null before the first. */
    reachState: string | null
    reachAt: number | null
    reachFailure: string | null
    reachRttMs: number | null
  }
  accounts: {
    id: string
    assetId: string
    username: string
    authKind: string
    publicKey: string | null
    keyAlgorithm: string | null
    sealed: string | null
    /** `authKind` is then `credential`, and the account has no secret of its own. */
    credentialId: string | null
    createdAt: number
  }
  /** Secrets that many accounts share. */
  credentials: {
    id: string
    name: string
    username: string
    authKind: string
    publicKey: string | null
    keyAlgorithm: string | null
    sealed: string | null
    createdAt: number
    rotatedAt: number
  }
  favourites: { operatorId: string; assetId: string; createdAt: number }
  /** The last time that somebody used a host, and with which account. */
  assetUses: { operatorId: string; assetId: string; accountId: string | null; usedAt: number }
  /** Trusted host keys, by the place they were pinned for: `asset:<id>` or `address:<host:port>`. */
  hostKeys: { place: string; type: string; key: string; fingerprint: string; trustedAt: number; trustedBy: string }
  /** Keys that were offered instead of the trusted ones and are to be decided about: one row for each host and key. */
  keyChanges: {
    id: string
    assetId: string
    type: string
    key: string
    fingerprint: string
    firstSeenAt: number
    lastSeenAt: number
    times: number
    operatorName: string | null
    gatewayId: string | null
  }
  /** `id` is the SHA-256 (hex) of the ticket; `body` says what it is for. */
  tickets: { id: string; operatorId: string; signInId: string; body: string; expiresAt: number; usedAt: number | null }
  sessions: {
    id: string
    operatorId: string
    operatorName: string
    assetId: string | null
    assetName: string
    address: string
    port: number
    account: string
    accountId: string | null
    door: string
    kind: string
    state: string
    source: string
    gatewayId: string
    startedAt: number
    beganAt: number | null
    endedAt: number | null
    endReason: string | null
    endMessage: string | null
    failure: string | null
    exitStatus: number | null
    signal: string | null
    bytesIn: number
    bytesOut: number
    idleMs: number | null
    lastBeatAt: number | null
    mustEnd: string | null
    mustEndBy: string | null
    mustEndText: string | null
    recordingState: string | null
    recordingFile: string | null
    recordingSeconds: number
    recordingBytes: number
    recordingHead: string | null
    /** The sign-in whose ticket opened it or took it over last: the session ends with it. */
    signInId: string | null
    /** The hosts on the way, outermost first, as they were admitted: JSON of `[{asset, assetName, account, username, address, port}]`; null without. */
    via: string | null
    /** What a search looks through, written once: `sessions/search-text.ts`. */
    search: Generated<string>
  }
  /** Who watched which session; `endedAt` null while they do. `mustLeave` is the sentence for a watcher whose right has ended, until the gateway reports that they went. */
  watches: {
    id: string
    sessionId: string
    operatorId: string
    signInId: string
    gatewayId: string
    startedAt: number
    endedAt: number | null
    mustLeave: string | null
  }
  gateways: { id: string; publicKey: string; name: string; state: string; version: string; since: number; lastBeatAt: number; load: string | null }
  /** The ledger. `seq` gives the order; the chain is added with grants. */
  audit: {
    seq: Generated<number>
    at: number
    code: string
    outcome: string
    operator: string | null
    object: string | null
    source: string | null
    detail: string | null
  }
  settings: { name: string; value: string }
}
