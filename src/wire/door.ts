// What the SSH door asks control over the link: who somebody is, where they may go, and what they did there. Part of `docs/protocol/link.md`.
import { z } from 'zod'
import { Admission } from '#domain/admission.ts'
import { FileRule, maxFileRules } from '#domain/file-rule.ts'
import { GrantAction } from '#domain/grant.ts'
import { maxActsTold, SessionAct } from '#domain/session-act.ts'
import { SessionKind } from '#domain/session-kind.ts'
import { SessionId } from '#domain/id.ts'

const Base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/)
const Source = z.string().max(64)
/** The whole user name as the client sent it (`alice+root+web1`), which signatures cover; control reads it. Whether there is such an operator is nobody's business before they have signed in. */
const Typed = z.string().max(300)
/** The ident line of the program, without `SSH-2.0-`. */
const Client = z.string().max(255)
/** A sign-in's id, SHA-256 (hex): no cookie, it opens nothing but what this gateway asks for. */
const SignInId = z.string().regex(/^[0-9a-f]{64}$/)
/** A key of a person, with what it signed: `data` is the blob of RFC 4252 section 7, `signature` the whole string with its algorithm's name. Control verifies. */
const SignedKey = { algorithm: z.string().max(64), publicKey: Base64.max(4096), data: Base64.max(8192), signature: Base64.max(8192) }
const Opaque = z.string().max(100)

const Proof = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('key'), ...SignedKey }),
  z.strictObject({ by: z.literal('password'), password: z.string().max(1024) }),
  /** The second step, after `code`. A wrong one is `refused`; `half` holds for three tries. */
  z.strictObject({ by: z.literal('code'), half: Opaque, code: z.string().max(20) }),
  /** Asked every second until it is decided. */
  z.strictObject({ by: z.literal('approval'), approval: Opaque }),
])

/** Bytes of a command as the client sent them, in base64: it need not be UTF-8. */
const Command = Base64.max(96 * 1024)
const Destination = z.strictObject({ host: z.string().min(1).max(255), port: z.number().int().min(0).max(65_535) })
/** The host by its name, or by where a client wants to go (`ssh -J`: an asset's name or address). */
const Whither = z.union([z.strictObject({ asset: z.string().max(300) }), z.strictObject({ destination: Destination })])

export const doorAsks = [
  /** The keys that the door shows, as PKCS#8 PEM: only for gateways that a supervisor of this machine vouches for. */
  z.strictObject({ ask: z.literal('door-keys') }),
  /** A key offered without a signature. Answers alike for operators that do not exist. */
  z.strictObject({ ask: z.literal('key-offered'), typed: Typed, publicKey: Base64.max(4096), source: Source }),
  /** A second factor that a grant for the typed host wants is asked for now. The answer says nothing about hosts. */
  z.strictObject({ ask: z.literal('sign-in'), typed: Typed, source: Source, client: Client, proof: Proof }),
  /** A link and a number for the browser: for whoever the name belongs to. Throws `rate_limited` when too many wait. */
  z.strictObject({ ask: z.literal('ask-approval'), typed: Typed, source: Source, client: Client }),
  /** The same for a key that has proven itself with the user name `enroll`: for anybody who is signed in. */
  z.strictObject({ ask: z.literal('ask-enrollment'), source: Source, client: Client, ...SignedKey }),
  z.strictObject({ ask: z.literal('enrollment'), enrollment: Opaque }),
  /** What the menu shows. `q`: as of the list of hosts. */
  z.strictObject({ ask: z.literal('door-hosts'), signIn: SignInId, source: Source, q: z.string().max(100), size: z.number().int().min(1).max(100) }),
  /** `kind` as the client asked: `shell` with a command is a terminal that runs it; what an `exec` is (scp, rsync, sftp) control says. */
  z.strictObject({
    ask: z.literal('admit'),
    signIn: SignInId,
    source: Source,
    to: Whither,
    account: z.string().max(64).optional(),
    kind: z.enum(['shell', 'exec', 'sftp', 'forward']),
    command: Command.optional(),
    cols: z.number().int(),
    rows: z.number().int(),
    term: z.string().max(40),
    reason: z.string().max(500).optional(),
  }),
  /** May this connection go on to there? `session`: of kind `forward`, left out before a host is chosen, when only a host of ours may be meant. */
  z.strictObject({
    ask: z.literal('forward'),
    signIn: SignInId,
    source: Source,
    session: SessionId.optional(),
    way: z.enum(['local', 'remote']),
    destination: Destination,
  }),
] as const

const SignedIn = z.strictObject({
  state: z.literal('signed-in'),
  signIn: SignInId,
  operator: z.strictObject({ id: z.string(), username: z.string(), name: z.string() }),
  /** As they chose on a page; English until then. */
  language: z.enum(['en', 'zh']).optional(),
})
export const DoorSignIn = z.discriminatedUnion('state', [
  SignedIn,
  /** Right so far: a code of the second factor is due. `half` holds for this connection's sign-in alone, two minutes. */
  z.strictObject({ state: z.literal('code'), half: Opaque }),
  z.strictObject({ state: z.literal('waiting') }),
  /** `text`: what to do about it, for those who have proven who they are (a first password to be changed in the browser, say). */
  z.strictObject({ state: z.literal('refused'), text: z.string().max(500).optional() }),
])
export type DoorSignIn = z.infer<typeof DoorSignIn>

/** `number`: shown in the terminal and typed on the page. `url`: the page; `minutes` it holds. */
const Approval = z.strictObject({ approval: Opaque, url: z.string().max(500), number: z.string().max(10), minutes: z.number() })
const DoorHost = z.strictObject({
  asset: z.string(),
  name: z.string(),
  address: z.string(),
  tags: z.array(z.string()),
  /** Login names that may be used now. */
  accounts: z.array(z.string()),
  lastUsedAt: z.number().optional(),
})
export type DoorHost = z.infer<typeof DoorHost>

export const DoorAdmitted = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('admitted'),
    admission: Admission,
    kind: SessionKind,
    /** What it may do: of `sftp` and the like the one, the other or both. */
    may: z.array(GrantAction),
    /** Of `sftp`, `scp` and `rsync`. */
    files: z.array(FileRule).max(maxFileRules),
    forwardAgent: z.boolean(),
    /** Of an `exec`: so much of its output is recorded, then its length and digest are. */
    outputBytes: z.number().int(),
    digests: z.boolean(),
  }),
  /** Several may be used and none was named. */
  z.strictObject({ state: z.literal('choose'), asset: z.string(), accounts: z.array(z.string()) }),
])
export type DoorAdmitted = z.infer<typeof DoorAdmitted>

export const doorAnswers = {
  'door-keys': z.strictObject({ keys: z.array(z.strictObject({ type: z.string(), privateKey: z.string() })).max(8) }),
  'key-offered': z.strictObject({ isKnown: z.boolean() }),
  'sign-in': DoorSignIn,
  'ask-approval': Approval,
  'ask-enrollment': Approval,
  enrollment: z.strictObject({ state: z.enum(['waiting', 'done', 'declined', 'over']), username: z.string().optional() }),
  'door-hosts': z.strictObject({ items: z.array(DoorHost).max(100), total: z.number() }),
  admit: DoorAdmitted,
  forward: z.discriminatedUnion('state', [
    /** It is a host of ours: spoken to here, not tunnelled. */
    z.strictObject({ state: z.literal('intercept'), asset: z.string(), name: z.string() }),
    z.strictObject({ state: z.literal('permitted') }),
  ]),
} as const

export const doorReports = [
  /** The connection of this sign-in is over, and so are its sessions: what still lives then ends by its own rules. */
  z.strictObject({ report: z.literal('signed-out'), signIn: SignInId, at: z.number() }),
  /** The next acts of a session; `from` counts them, so that each is kept once. */
  z.strictObject({ report: z.literal('acts'), session: SessionId, from: z.number().int().min(0), acts: z.array(SessionAct).min(1).max(maxActsTold) }),
] as const
