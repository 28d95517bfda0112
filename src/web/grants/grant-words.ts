// A grant as a sentence, and its parts for lists. Pure: the words are handed in.
import type { TFunction } from 'i18next'
import type { GrantAction, GrantTerms } from '#domain/grant.ts'
import { spanOf } from '../settings/duration.ts'
import type { FormatLanguage } from '../parts/format.ts'
import { spansWords } from './hours-words.ts'
import { sizeWords } from './size-amount.ts'

const locale = (language: FormatLanguage) => (language === 'zh' ? 'zh-CN' : 'en-GB')
/** More names than this are counted, or the sentence cannot be read. */
const mostNames = 6

/** What the sentence is said of: a saved grant, or one that is being written. */
export type SaidGrant = {
  people: readonly string[]
  groups: readonly string[]
  hosts: 'all' | readonly string[]
  tags: readonly string[]
  terms: Pick<
    GrantTerms,
    | 'actions'
    | 'accounts'
    | 'from'
    | 'until'
    | 'hours'
    | 'sources'
    | 'forwardTo'
    | 'paths'
    | 'maxBytes'
    | 'forwardAgent'
    | 'record'
    | 'secondFactor'
    | 'reason'
    | 'idleOn'
  > & {
    maxSeconds?: number | undefined
    idleSeconds?: number | undefined
  }
}
type Said = { t: TFunction; language: FormatLanguage }

/** `a, b and c`, `a、b和c`. */
export const listed = (names: readonly string[], language: FormatLanguage, type: 'conjunction' | 'disjunction' = 'conjunction'): string =>
  new Intl.ListFormat(locale(language), { type }).format(names)

/** `3 Dec 2026, 09:00`, where the reader is. */
export function dayAndTime(at: string | number, language: FormatLanguage): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return ''
  return new Intl.DateTimeFormat(locale(language), { dateStyle: 'medium', timeStyle: 'short' }).format(date)
}

/** `8 hours`. */
export function spanWords(seconds: number, t: TFunction): string {
  const { amount, unit } = spanOf(seconds)
  return t(`settings.amount.${unit}`, { count: amount })
}

function counted(names: readonly string[], { t }: Said): string[] {
  if (names.length <= mostNames) return [...names]
  return [...names.slice(0, mostNames - 1), t('grants.say.someone', { count: names.length - mostNames + 1 })]
}

/** Where files may be and how large, each by itself; empty when anything goes. */
export function fileWords({ actions, paths, maxBytes }: Pick<GrantTerms, 'actions' | 'paths' | 'maxBytes'>, said: Said): string[] {
  if (!actions.includes('upload') && !actions.includes('download')) return []
  return [
    ...(paths === undefined ? [] : [listed(counted(paths, said), said.language, 'disjunction')]),
    ...(maxBytes === undefined ? [] : [said.t('grants.duty.max', { time: sizeWords(maxBytes) })]),
  ]
}

/** When and from where, each condition by itself; empty when it always holds. */
export function whenWords({ from, until, hours, sources }: GrantTerms, said: Said): string[] {
  const { t, language } = said
  return [
    ...(hours === undefined ? [] : [t('grants.when.hours', { spans: spansWords(hours, t, language), zone: hours.timeZone })]),
    ...(from === undefined ? [] : [t('grants.when.from', { time: dayAndTime(from, language) })]),
    ...(until === undefined ? [] : [t('grants.when.until', { time: dayAndTime(until, language) })]),
    ...(sources === undefined || sources.length === 0 ? [] : [t('grants.when.sources', { networks: listed(sources, language, 'disjunction') })]),
  ]
}

type Duties = { record: 'must' | 'may'; secondFactor: boolean; reason: boolean; maxSeconds?: number | undefined; idleSeconds?: number | undefined }
export type DutyChip = { key: 'recordMay' | 'secondFactor' | 'reason' | 'max' | 'idle'; words: string }
/** What is owed beyond recording, which is usual, as short words. */
export function dutyChips({ record, secondFactor, reason, maxSeconds, idleSeconds }: Duties, t: TFunction): DutyChip[] {
  return [
    ...(secondFactor ? [{ key: 'secondFactor' as const, words: t('grants.duty.secondFactor') }] : []),
    ...(reason ? [{ key: 'reason' as const, words: t('grants.duty.reason') }] : []),
    ...(maxSeconds === undefined ? [] : [{ key: 'max' as const, words: t('grants.duty.max', { time: spanWords(maxSeconds, t) }) }]),
    ...(idleSeconds === undefined ? [] : [{ key: 'idle' as const, words: t('grants.duty.idle', { time: spanWords(idleSeconds, t) }) }]),
    ...(record === 'may' ? [{ key: 'recordMay' as const, words: t('grants.duty.recordMay') }] : []),
  ]
}

const order: readonly GrantAction[] = ['shell', 'exec', 'upload', 'download', 'forward']
/** In the order in which people think of them. */
export const inOrder = (actions: readonly GrantAction[]): GrantAction[] => order.filter((action) => actions.includes(action))

/** The grant in words: who may do what where and when, then what they owe. */
export function sayGrant({ people, groups, hosts, tags, terms }: SaidGrant, said: Said): { may: string; owes: string } {
  const { t, language } = said
  const whoever = [...counted(people, said), ...counted(groups, said).map((name) => (groups.includes(name) ? t('grants.say.group', { name }) : name))]
  const accounts =
    terms.accounts === 'all'
      ? t('grants.say.anyAccount')
      : terms.accounts.length === 0
        ? t('grants.say.noAccount')
        : listed(counted(terms.accounts, said), language, 'disjunction')
  const actions = inOrder(terms.actions).map((action) => t(`grants.say.action.${action}`))
  const may = t('grants.say.whole', {
    who: whoever.length === 0 ? t('grants.say.nobody') : listed(whoever, language),
    actions: actions.length === 0 ? t('grants.say.nothing') : listed(actions, language),
    hosts: sayHosts(hosts, tags, said),
    accounts,
    when: sayWhen(terms, said),
  })
  const owes = [
    terms.record === 'must' ? t('grants.say.must') : t('grants.say.may'),
    ...(terms.secondFactor ? [t('grants.say.secondFactor')] : []),
    ...(terms.reason ? [t('grants.say.reason')] : []),
    ...(terms.maxSeconds === undefined ? [] : [t('grants.say.max', { time: spanWords(terms.maxSeconds, t) })]),
    ...(terms.idleSeconds === undefined
      ? []
      : [t(terms.idleOn === 'input' ? 'grants.say.idleInput' : 'grants.say.idleBoth', { time: spanWords(terms.idleSeconds, t) })]),
  ]
  const space = language === 'zh' ? '' : ' '
  const whole = [may.charAt(0).toLocaleUpperCase(locale(language)) + may.slice(1), ...sayFiles(terms, said), ...sayForwarding(terms, said)]
  return { may: whole.join(space), owes: owes.join(space) }
}

function sayHosts(hosts: SaidGrant['hosts'], tags: readonly string[], said: Said): string {
  const { t, language } = said
  if (hosts === 'all') return t('grants.say.allHosts')
  const tagged = tags.length === 0 ? [] : [t('grants.say.tag', { count: tags.length, tags: listed(counted(tags, said), language, 'disjunction') })]
  const all = [...counted(hosts, said), ...tagged]
  return all.length === 0 ? t('grants.say.noHost') : listed(all, language)
}

/** Where files may be, and how large. */
function sayFiles({ actions, paths, maxBytes }: SaidGrant['terms'], said: Said): string[] {
  const { t, language } = said
  if (!actions.includes('upload') && !actions.includes('download')) return []
  const places = paths === undefined || paths.length === 0 ? undefined : listed(counted(paths, said), language, 'disjunction')
  const size = maxBytes === undefined ? undefined : sizeWords(maxBytes)
  if (places === undefined) return size === undefined ? [] : [t('grants.say.fileSize', { size })]
  return [size === undefined ? t('grants.say.filePlaces', { places }) : t('grants.say.filePlacesSize', { places, size })]
}

/** Where connections go on to, and whether an agent comes along. */
function sayForwarding({ actions, forwardTo, forwardAgent }: SaidGrant['terms'], said: Said): string[] {
  const { t, language } = said
  const places = forwardTo === undefined || forwardTo.length === 0 ? undefined : listed(counted(forwardTo, said), language, 'disjunction')
  return [
    ...(!actions.includes('forward') ? [] : [places === undefined ? t('grants.say.forwardHost') : t('grants.say.forwardTo', { places })]),
    ...(forwardAgent ? [t('grants.say.forwardAgent')] : []),
  ]
}

function sayWhen({ from, until, hours, sources }: SaidGrant['terms'], { t, language }: Said): string {
  return [
    ...(hours === undefined ? [] : [t('grants.say.hours', { spans: spansWords(hours, t, language), zone: hours.timeZone })]),
    ...(from === undefined ? [] : [t('grants.say.from', { time: dayAndTime(from, language) })]),
    ...(until === undefined ? [] : [t('grants.say.until', { time: dayAndTime(until, language) })]),
    ...(sources === undefined || sources.length === 0 ? [] : [t('grants.say.sources', { networks: listed(sources, language, 'disjunction') })]),
  ].join('')
}
