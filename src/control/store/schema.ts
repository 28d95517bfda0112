// The tables, as Kysely sees them on both engines. Times are ms since the epoch; booleans are 0 or 1; JSON is text.
import type { Generated } from 'kysely'

export type Tables = {
  operators: {
    id: string
    username: string
    name: string
    role: string
    mayWatch: number
    enabled: number
    passwordHash: string
    createdAt: number
    /** The next sign-in asks for a new one. */
    mustChangePassword: Generated<number>
    lastSignInAt: number | null
    /** `en` or `zh`, as they chose on a page; null until then. */
    language: string | null
  }
  /** Sign-ins of browsers; `id` is the SHA-256 (hex) of the cookie. `secondFactorAt`: when it showed one, null when it has not. */
  signIns: {
    id: string
    operatorId: string
    createdAt: number
    lastSeenAt: number
    expiresAt: number
    source: string
    agent: string
    secondFactorAt: number | null
    /** `web` or `ssh`; by which gateway and with which of the operator's keys an ssh client came. */
    door: Generated<string>
    gatewayId: string | null
    keyId: string | null
  }
  /** A TOTP secret (RFC 6238), sealed; `confirmedAt` null until a code of it was shown. `lastStep`: the time step of the last code that was taken, so that none is taken twice. */
  secondFactors: { operatorId: string; sealed: string; createdAt: number; confirmedAt: number | null; lastStep: number }
  /** `hash` is the SHA-256 (hex) of the code. */
  recoveryCodes: { operatorId: string; hash: string; usedAt: number | null }
  /** API tokens; `hash` is the SHA-256 (hex) of the token, `scopes` JSON. */
  tokens: {
    id: string
    hash: string
    operatorId: string
    name: string
    scopes: string
    createdAt: number
    expiresAt: number | null
    lastUsedAt: number | null
    lastSource: string | null
  }
  groups: { id: string; name: string; createdAt: number }
  groupMembers: { groupId: string; operatorId: string }
  /** `tags` and `terms` are JSON; whom and what it names stands in the tables below, and goes with what is deleted. */
  grants: { id: string; name: string; note: string; allAssets: number; tags: string; terms: string; createdAt: number; changedAt: number }
  grantOperators: { grantId: string; operatorId: string }
  grantGroups: { grantId: string; groupId: string }
  grantAssets: { grantId: string; assetId: string }
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
    /** Ms; algorithms with SHA-1 and CBC are offered to it before then, null: never. */
    legacyUntil: Generated<number | null>
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
    /** Why it was permitted: JSON of the ids of the deciding grants, of the duties, the reason that was given; when the permission ends as far as is known, null for never. */
    grants: string | null
    duties: string | null
    reason: string | null
    endsAt: number | null
    /** Whether the sign-in that opened it had shown a second factor. */
    secondFactor: Generated<number>
    /** What was asked to run, as text; null of a shell. */
    command: string | null
    /** The actions that were permitted, as JSON; null: `shell` alone. */
    may: string | null
    /** How many acts of it were taken; the next has this number. */
    acts: Generated<number>
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
  /** The ledger, only ever added to. `before` and `after`: SHA-256 (hex) of what the act changed. */
  audit: {
    seq: Generated<number>
    at: number
    code: string
    outcome: string
    operator: string | null
    object: string | null
    source: string | null
    detail: string | null
    requestId: string | null
    before: string | null
    after: string | null
  }
  /** The rows in the order in which they were committed, without gaps from 1; each hash covers the one before (64 zeros at first) and its row. */
  auditChain: { number: number; seq: number; hash: string; chainedAt: number }
  /** Numbers of committed rows that are not in the chain yet; filled by a trigger, emptied by the sequencer. */
  auditWaiting: { seq: number }
  /** Intents whose outcome has not been recorded. */
  auditIntents: { seq: number; code: string; object: string | null }
  /** Signed heads: the signature covers number, hash, time and `key`, the fingerprint of the ledger key. */
  auditHeads: { number: number; hash: string; signature: string; signedAt: number; key: string }
  /** How far each receiver outside has been told; `failure` says why it is not told more, `saidAt` when the ledger last said that this changed. */
  auditSinks: { name: string; sentNumber: number; lastAt: number | null; failure: string | null; saidAt: number | null }
  /** `how`: `integration`, `screen` or `exec`; `sessionMs`: its place in the recording. `verdict`: what a rule did, `noticed` or `denied`. */
  commands: {
    sessionId: string
    number: number
    operatorId: string
    operatorName: string
    assetId: string | null
    assetName: string
    account: string
    at: number
    sessionMs: number
    text: string
    how: string
    folder: string | null
    exitStatus: number | null
    durationMs: number | null
    rule: string | null
    verdict: string | null
    search: string
  }
  /** `match`: `exact` or `pattern`; `effect`: `deny` or `notice`. */
  commandRules: { id: string; name: string; match: string; pattern: string; effect: string; enabled: number; note: string; createdAt: number }
  /** Keys that people sign in with at the SSH door; `blob` in base64, `addedBy` `page` or `enroll`. */
  operatorKeys: {
    id: string
    operatorId: string
    name: string
    type: string
    blob: string
    fingerprint: string
    addedBy: string
    createdAt: number
    lastUsedAt: number | null
    lastSource: string | null
  }
  /** Host keys of the SSH door, one of each type; `publicKey` is the blob in base64, `sealed` the private half. */
  doorKeys: { type: string; publicKey: string; sealed: string; createdAt: number }
  /** What a terminal waits for somebody at a browser to say: `kind` `sign-in` or `enroll`; `state` `waiting`, `approved`, `declined`, `used`. `id` is of the digest of what the gateway holds; `username` a digest of the name that was typed, `decidedBy` the sign-in that decided. */
  approvals: {
    id: string
    kind: string
    operatorId: string | null
    username: string
    source: string
    client: string
    gatewayId: string
    number: string
    publicKey: string | null
    state: string
    tries: number
    decidedBy: string | null
    createdAt: number
    expiresAt: number
  }
  transfers: {
    sessionId: string
    number: number
    operatorId: string
    operatorName: string
    assetId: string | null
    assetName: string
    account: string
    at: number
    way: string
    deed: string
    path: string
    toPath: string | null
    bytes: number | null
    sha256: string | null
    outcome: string
    failure: string | null
    verified: string | null
    /** The grant that refused it, by its name then. */
    rule: string | null
    /** Its place in the recording, and how long it took. */
    atMs: number | null
    ms: number | null
    /** With the port. */
    address: Generated<string>
    source: Generated<string>
    door: Generated<string>
    /** What a search looks through: `sessions/search-text.ts`. */
    search: Generated<string>
  }
  forwards: {
    sessionId: string
    number: number
    at: number
    way: string
    host: string
    port: number
    bytesIn: number
    bytesOut: number
    ms: number
    outcome: string
    failure: string | null
  }
  settings: { name: string; value: string }
  /** Vault keys on their way: `next` (announced, nothing is sealed with it), `leaving` (was current, its texts are being sealed anew), `retired` (the database refuses its texts). */
  vaultKeys: { id: string; state: string; changedAt: number }
  /** Each control that runs on this database; `keyIds` is JSON, `beat` counts up while it lives, `problem` says why it cannot read its keys. */
  controlReplicas: { id: string; name: string; keyIds: string; currentKey: string; problem: string | null; beat: number; lastBeatAt: number }
}
