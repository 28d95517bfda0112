// A refusal because hosts still stand on something, in words that name them.
import { notifications } from '@mantine/notifications'
import i18next from 'i18next'
import { asFailure } from '#client/failure-answer.ts'

/** The hosts that a `conflict` names (the first few) and how many there are; undefined when it names none. */
export function hostsInTheWay(error: unknown): { hosts: string[]; count: number } | undefined {
  const { code, detail } = asFailure(error)
  const hosts = detail?.['hosts']
  if (code !== 'conflict' || !Array.isArray(hosts)) return undefined
  const names = hosts.filter((name): name is string => typeof name === 'string').slice(0, 5)
  const count = detail?.['count']
  return names.length === 0 ? undefined : { hosts: names, count: typeof count === 'number' ? count : names.length }
}

/** What happened, with the hosts that stand in the way when it was that. */
export function hostFailureWords(error: unknown): string {
  const way = hostsInTheWay(error)
  if (!way) return i18next.t(`failure.${asFailure(error).code}`)
  const names = way.hosts.join(', ')
  return i18next.t(way.count > way.hosts.length ? 'hosts.inUseMore' : 'hosts.inUse', { hosts: names, more: way.count - way.hosts.length })
}

export function notifyHostFailure(error: unknown): void {
  notifications.show({ color: 'red', title: i18next.t('parts.failed'), message: hostFailureWords(error), autoClose: 9000 })
}
