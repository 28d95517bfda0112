// All that a person may reach, or all who may reach a host: one line for each, its accounts together.
import { Table, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconShieldX } from '@tabler/icons-react'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { ExplainItem } from '#wire/api/access.ts'
import { GrantDuties } from '../grants/grant-cells.tsx'
import { dayAndTime } from '../grants/grant-words.ts'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { useLanguage } from '../parts/use-language.ts'
import { GrantLink } from './grant-link.tsx'
import { type AccessLine, linesOf } from './access-lines.ts'
import classes from './who-may.module.css'

type Props = { kind: 'person' | 'host'; items: readonly ExplainItem[]; cut: boolean }

export function AccessList({ kind, items, cut }: Props) {
  const { t } = useTranslation()
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const language = useLanguage()
  const lines = linesOf(items, kind)
  if (lines.length === 0)
    return (
      <div className={classes['panel']}>
        <EmptyPlace
          icon={IconShieldX}
          title={t(`whoMay.${kind === 'person' ? 'nothing' : 'nobody'}.title`)}
          text={t(`whoMay.${kind === 'person' ? 'nothing' : 'nobody'}.text`)}
        />
      </div>
    )
  const ends = ({ endsAt }: AccessLine) =>
    endsAt === undefined ? <span className="quiet tnum">{t('whoMay.noEnd')}</span> : <span className="tnum">{dayAndTime(endsAt, language)}</span>
  const cells: { key: string; label: string; show: (line: AccessLine) => React.ReactNode }[] = [
    { key: 'account', label: t('whoMay.column.account'), show: ({ accounts }) => <bdi className="mono">{accounts.join(', ')}</bdi> },
    {
      key: 'grants',
      label: t('whoMay.column.grants'),
      show: ({ grants }) => (
        <ul className={classes['grants']}>
          {grants.map((grant) => (
            <li key={grant.id}>
              <GrantLink grant={grant} />
            </li>
          ))}
        </ul>
      ),
    },
    { key: 'owes', label: t('whoMay.column.owes'), show: ({ duties }) => (duties ? <GrantDuties duties={duties} /> : null) },
    { key: 'ends', label: t('whoMay.column.ends'), show: ends },
  ]
  const who = (line: AccessLine) => (
    <>
      <WhyLink line={line} kind={kind} />
      {line.secondFactor ? (
        <Text size="xs" className="quiet">
          {t('whoMay.onlyFactor')}
        </Text>
      ) : null}
    </>
  )
  return (
    <div className={classes['panel']} data-testid="access-list">
      {phone ? (
        <ul className={classes['cards']}>
          {lines.map((line) => (
            <li key={line.key} data-access={line.name}>
              {who(line)}
              <dl className={classes['facts']}>
                {cells.map(({ key, label, show }) => (
                  <div key={key}>
                    <dt>{label}</dt>
                    <dd>{show(line)}</dd>
                  </div>
                ))}
              </dl>
            </li>
          ))}
        </ul>
      ) : (
        <Table verticalSpacing={9} horizontalSpacing="md" className={classes['table'] ?? ''}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w="28%">{t(kind === 'person' ? 'whoMay.column.host' : 'whoMay.column.person')}</Table.Th>
              {cells.map(({ key, label }) => (
                <Table.Th key={key}>{label}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((line) => (
              <Table.Tr key={line.key} data-access={line.name}>
                <Table.Td>{who(line)}</Table.Td>
                {cells.map(({ key, show }) => (
                  <Table.Td key={key}>{show(line)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <p className={classes['foot']}>{cut ? t('whoMay.cut') : t('whoMay.count', { count: lines.length })}</p>
    </div>
  )
}

/** To the narrower question: why exactly. */
function WhyLink({ line, kind }: { line: AccessLine; kind: 'person' | 'host' }) {
  const search = getRouteApi('/frame/who-may').useSearch()
  const { operator, asset } = line
  return (
    <Link to="/who-may" search={{ ...search, operator: operator.username, asset: asset.name }} className={classes['strong']}>
      <bdi>{kind === 'person' ? asset.name : operator.name}</bdi>
      {kind === 'host' ? <bdi className="mono quiet"> {operator.username}</bdi> : null}
    </Link>
  )
}
