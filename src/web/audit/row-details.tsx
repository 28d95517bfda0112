import { Button, Drawer, Group, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { AuditView } from '#wire/api/audit.ts'
import { type AuditCode, auditCodes } from '#domain/audit-event.ts'
import { exactTime, hostText } from '../parts/format.ts'
import { useLanguage } from '../parts/use-language.ts'
import { CopyLine } from '../second-factor/copy-line.tsx'
import { Named, Outcome, Who } from './audit-cells.tsx'
import classes from './audit.module.css'
import { useCodeWords } from './audit-words.ts'
import { detailFacts, mostFacts } from './detail-facts.ts'

type Only = { code?: AuditCode; person?: string; object?: string }

/** Everything that one row says, at the side of the list. */
export function RowDetails({ row, onClose, onOnly }: { row: AuditView; onClose: () => void; onOnly: (only: Only) => void }) {
  const { t } = useTranslation()
  const words = useCodeWords()
  const language = useLanguage()
  const code = auditCodes.find((one) => one === row.code)
  const { facts, isCut } = detailFacts(row.detail ?? {})
  const line = (label: string, value: React.ReactNode) => (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  )
  const digest = (label: string, text: string | undefined, testId: string) =>
    text === undefined ? null : line(label, <CopyLine label={label} text={text} testId={testId} />)
  const only = (label: string, change: Only) => (
    <Button size="compact-sm" variant="light" onClick={() => onOnly(change)}>
      {label}
    </Button>
  )
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(540px, 100vw)"
      title={words(row.code)}
      classNames={{ title: classes['drawerTitle'] ?? '' }}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <div className={classes['details']} data-testid="audit-details">
        <Group gap="xs" mb="md">
          <Outcome outcome={row.outcome} />
          <Text size="sm" className="quiet">
            {row.number === undefined ? t('audit.detail.unchained') : t('audit.detail.title', { number: row.number })}
          </Text>
        </Group>
        <dl className={classes['facts']}>
          {line(t('audit.detail.exact'), <time dateTime={row.at}>{exactTime(row.at, language)}</time>)}
          {line(t('audit.column.code'), <code className="mono">{row.code}</code>)}
          {line(t('audit.column.operator'), <Who row={row} />)}
          {line(
            t('audit.column.object'),
            <>
              <Named id={row.object} name={row.objectName} />
              {row.objectName !== undefined && row.object !== undefined && row.object !== row.objectName ? (
                <Text size="xs" className={`mono quiet ${classes['break'] ?? ''}`}>
                  {hostText(row.object, 300)}
                </Text>
              ) : null}
            </>,
          )}
          {line(t('audit.column.source'), <span className={`mono ${classes['break'] ?? ''}`}>{row.source ?? '–'}</span>)}
          {line(t('audit.detail.request'), <span className={`mono ${classes['break'] ?? ''}`}>{row.requestId ?? '–'}</span>)}
        </dl>
        <Group gap={6} my="md">
          {code === undefined ? null : only(t('audit.detail.only.code'), { code })}
          {row.operator === undefined ? null : only(t('audit.detail.only.person'), { person: row.operatorName ?? row.operator })}
          {row.object === undefined ? null : only(t('audit.detail.only.object'), { object: row.object })}
        </Group>
        <h3 className={classes['head']}>{t('audit.detail.facts')}</h3>
        {facts.length === 0 ? (
          <Text size="sm" className="quiet">
            {t('audit.detail.noFacts')}
          </Text>
        ) : (
          <Table className={classes['table'] ?? ''} verticalSpacing={6} aria-label={t('audit.detail.facts')}>
            <Table.Thead className="visually-hidden">
              <Table.Tr>
                <Table.Th>{t('audit.detail.fact')}</Table.Th>
                <Table.Th>{t('audit.detail.value')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {facts.map(({ name, value }) => (
                <Table.Tr key={name}>
                  <Table.Td className="quiet mono">{name}</Table.Td>
                  <Table.Td className={classes['break'] ?? ''}>
                    <bdi className="mono">{value}</bdi>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        {isCut ? (
          <Text size="xs" className="quiet" mt="xs">
            {t('audit.detail.cut', { count: mostFacts })}
          </Text>
        ) : null}
        {row.before === undefined && row.after === undefined && row.hash === undefined ? null : (
          <dl className={`${classes['facts'] ?? ''} ${classes['digests'] ?? ''}`}>
            {digest(t('audit.detail.before'), row.before, 'digest-before')}
            {digest(t('audit.detail.after'), row.after, 'digest-after')}
            {digest(t('audit.detail.hash'), row.hash, 'row-hash')}
          </dl>
        )}
        {row.before === undefined && row.after === undefined ? null : (
          <Text size="xs" className="quiet" mt="xs">
            {t('audit.detail.digestHelp')}
          </Text>
        )}
      </div>
    </Drawer>
  )
}
