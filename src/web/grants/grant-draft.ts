// What is typed into the form of a grant, what is wrong with it, and what the API gets. Pure.
import { AccountName } from '#domain/asset.ts'
import { PathPattern } from '#domain/file-rule.ts'
import { ForwardTo } from '#domain/forward-rule.ts'
import type { GrantAction } from '#domain/grant.ts'
import { Network } from '#domain/network.ts'
import { isTimeZone, type WeeklyHours, WeeklySpan } from '#domain/weekly-hours.ts'
import type { GrantInput, GrantView } from '#wire/api/access.ts'
import { PersonName } from '#wire/api/people.ts'
import { readSpan, spanOf, type Unit } from '../settings/duration.ts'
import type { SaidGrant } from './grant-words.ts'
import { readSize, sizeOf, type TypedSize } from './size-amount.ts'

/** Somebody or something that was picked from a search. */
export type Picked = { id: string; name: string; note?: string | undefined }
export type TypedSpan = { typed: string; unit: Unit }
export type GrantDraft = {
  name: string
  note: string
  people: Picked[]
  groups: Picked[]
  actions: GrantAction[]
  allHosts: boolean
  hosts: Picked[]
  tags: string[]
  anyAccount: boolean
  accounts: string[]
  /** As `<input type="datetime-local">` has it, where the person is. */
  from: string
  until: string
  spans: WeeklySpan[]
  timeZone: string
  sources: string[]
  /** Of connections that are forwarded; none: the host itself. */
  forwardTo: string[]
  /** Of files that go in or out; none: everywhere. */
  paths: string[]
  /** Of one of them. */
  size: TypedSize
  forwardAgent: boolean
  record: 'must' | 'may'
  secondFactor: boolean
  reason: boolean
  max: TypedSpan
  idle: TypedSpan
  idleOn: 'both' | 'input'
}

export const ownTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

/** Of a grant that is begun: what most grants are. */
export const emptyGrant = (): GrantDraft => ({
  name: '',
  note: '',
  people: [],
  groups: [],
  actions: ['shell', 'exec', 'upload', 'download'],
  allHosts: false,
  hosts: [],
  tags: [],
  anyAccount: true,
  accounts: [],
  from: '',
  until: '',
  spans: [],
  timeZone: ownTimeZone(),
  sources: [],
  forwardTo: [],
  paths: [],
  size: sizeOf(undefined),
  forwardAgent: false,
  record: 'must',
  secondFactor: false,
  reason: false,
  max: { typed: '', unit: 'hours' },
  idle: { typed: '', unit: 'minutes' },
  idleOn: 'both',
})

export const pickedPerson = ({ id, name, username }: { id: string; name: string; username: string }): Picked => ({ id, name, note: username })
const typedSpan = (seconds: number | undefined, unit: Unit): TypedSpan => {
  if (seconds === undefined) return { typed: '', unit }
  const span = spanOf(seconds)
  return { typed: String(span.amount), unit: span.unit }
}

export function draftOf(view: GrantView): GrantDraft {
  return {
    name: view.name,
    note: view.note,
    people: view.operators.map(pickedPerson),
    groups: [...view.groups],
    actions: [...view.actions],
    allHosts: view.assets === 'all',
    hosts: view.assets === 'all' ? [] : [...view.assets],
    tags: [...view.tags],
    anyAccount: view.accounts === 'all',
    accounts: view.accounts === 'all' ? [] : [...view.accounts],
    from: localText(view.from),
    until: localText(view.until),
    spans: view.hours?.spans ?? [],
    timeZone: view.hours?.timeZone ?? ownTimeZone(),
    sources: view.sources ?? [],
    forwardTo: view.forwardTo ?? [],
    paths: view.paths ?? [],
    size: sizeOf(view.maxBytes),
    forwardAgent: view.forwardAgent,
    record: view.record,
    secondFactor: view.secondFactor,
    reason: view.reason,
    max: typedSpan(view.maxSeconds, 'hours'),
    idle: typedSpan(view.idleSeconds, 'minutes'),
    idleOn: view.idleOn ?? 'both',
  }
}

/** `2026-12-03T09:00` where the person is; empty for none. */
export function localText(at: string | undefined): string {
  if (at === undefined) return ''
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`
}
/** The moment as the API takes it; undefined for none and for what is none. */
export function momentOf(text: string): string | undefined {
  const date = new Date(text)
  return text === '' || Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

export type GrantField =
  | 'name'
  | 'who'
  | 'actions'
  | 'hosts'
  | 'tags'
  | 'accounts'
  | 'until'
  | 'hours'
  | 'zone'
  | 'sources'
  | 'forwardTo'
  | 'paths'
  | 'size'
  | 'max'
  | 'idle'
const within = (seconds: number | undefined, most: number) => seconds !== undefined && seconds >= 10 && seconds <= most
const secondsOf = ({ typed, unit }: TypedSpan): number | undefined => (typed.trim() === '' ? undefined : readSpan(typed, unit))
const isNetwork = (text: string) => Network.safeParse(text).success

const forwards = ({ actions }: Pick<GrantDraft, 'actions'>) => actions.includes('forward')
/** The first destination that is none; undefined too while nothing is forwarded, and the list is not kept. */
export const notForward = (draft: Pick<GrantDraft, 'actions' | 'forwardTo'>): string | undefined =>
  forwards(draft) ? draft.forwardTo.find((text) => !ForwardTo.safeParse(text).success) : undefined

export const movesFiles = ({ actions }: Pick<GrantDraft, 'actions'>) => actions.includes('upload') || actions.includes('download')
/** The first path that is none; undefined too while no files go in or out, and the list is not kept. */
export const notPath = (draft: Pick<GrantDraft, 'actions' | 'paths'>): string | undefined =>
  movesFiles(draft) ? draft.paths.find((text) => !PathPattern.safeParse(text).success) : undefined

/** What cannot be saved as it is. */
export function grantFaults(draft: GrantDraft): ReadonlySet<GrantField> {
  const [from, until] = [momentOf(draft.from), momentOf(draft.until)]
  const faults: [GrantField, boolean][] = [
    ['name', !PersonName.safeParse(draft.name).success],
    ['who', draft.people.length + draft.groups.length === 0],
    ['actions', draft.actions.length === 0],
    ['hosts', !draft.allHosts && draft.hosts.length + draft.tags.length === 0],
    ['tags', draft.tags.some((tag) => tag.length > 64 || tag.includes(','))],
    ['accounts', !draft.anyAccount && (draft.accounts.length === 0 || draft.accounts.some((name) => !AccountName.safeParse(name).success))],
    ['until', from !== undefined && until !== undefined && until <= from],
    ['hours', draft.spans.some((span) => !WeeklySpan.safeParse(span).success)],
    ['zone', draft.spans.length > 0 && !isTimeZone(draft.timeZone)],
    ['sources', !draft.sources.every(isNetwork)],
    ['forwardTo', notForward(draft) !== undefined],
    ['paths', notPath(draft) !== undefined],
    ['size', movesFiles(draft) && draft.size.typed.trim() !== '' && readSize(draft.size) === undefined],
    ['max', draft.max.typed.trim() !== '' && !within(secondsOf(draft.max), 31_536_000)],
    ['idle', draft.idle.typed.trim() !== '' && !within(secondsOf(draft.idle), 604_800)],
  ]
  return new Set(faults.filter(([, isWrong]) => isWrong).map(([field]) => field))
}

const hoursOf = ({ spans, timeZone }: GrantDraft): WeeklyHours | undefined => (spans.length === 0 ? undefined : { timeZone, spans })

/** The terms as they stand, for the sentence too; what cannot be read is left out. */
function termsOf(draft: GrantDraft) {
  const [from, until, hours] = [momentOf(draft.from), momentOf(draft.until), hoursOf(draft)]
  const maxBytes = movesFiles(draft) ? readSize(draft.size) : undefined
  const [maxSeconds, idleSeconds] = [secondsOf(draft.max), secondsOf(draft.idle)]
  return {
    actions: draft.actions,
    accounts: draft.anyAccount ? ('all' as const) : draft.accounts,
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(hours === undefined ? {} : { hours }),
    ...(draft.sources.length === 0 ? {} : { sources: draft.sources }),
    ...(!forwards(draft) || draft.forwardTo.length === 0 ? {} : { forwardTo: draft.forwardTo }),
    ...(!movesFiles(draft) || draft.paths.length === 0 ? {} : { paths: draft.paths }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    forwardAgent: draft.forwardAgent,
    record: draft.record,
    secondFactor: draft.secondFactor,
    reason: draft.reason,
    ...(maxSeconds === undefined ? {} : { maxSeconds }),
    ...(idleSeconds === undefined ? {} : { idleSeconds, idleOn: draft.idleOn }),
  }
}

/** Only of a draft without faults. */
export function readGrant(draft: GrantDraft): GrantInput {
  const ids = (picked: readonly Picked[]) => picked.map(({ id }) => id)
  return {
    ...termsOf(draft),
    name: draft.name.trim(),
    note: draft.note.trim(),
    operators: ids(draft.people),
    groups: ids(draft.groups),
    assets: draft.allHosts ? 'all' : ids(draft.hosts),
    tags: draft.allHosts ? [] : draft.tags,
  }
}

/** Hours that cannot be read yet are not said. */
export function saidDraft(draft: GrantDraft): SaidGrant {
  const { hours, ...terms } = termsOf(draft)
  const readable = draft.spans.filter((span) => WeeklySpan.safeParse(span).success)
  return {
    people: draft.people.map(({ name }) => name),
    groups: draft.groups.map(({ name }) => name),
    hosts: draft.allHosts ? 'all' : draft.hosts.map(({ name }) => name),
    tags: draft.tags,
    terms: hours === undefined || readable.length === 0 ? terms : { ...terms, hours: { ...hours, spans: readable } },
  }
}
/** A saved grant as the sentence takes it. */
export const saidView = (view: GrantView): SaidGrant => ({
  people: view.operators.map(({ name }) => name),
  groups: view.groups.map(({ name }) => name),
  hosts: view.assets === 'all' ? 'all' : view.assets.map(({ name }) => name),
  tags: view.tags,
  terms: view,
})
