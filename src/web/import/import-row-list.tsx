import { Checkbox, Pagination, Switch, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { StateWord, type Tone } from '../parts/state-dot.tsx'
import type { DraftRow } from './import-rows.ts'
import classes from './import.module.css'
import type { Verdict } from './use-rehearsal.ts'

type Props = { rows: readonly DraftRow[]; verdicts: readonly Verdict[]; onRows: (rows: DraftRow[]) => void }
/** A thousand rows of fields would be felt with every letter typed. */
const pageSize = 50

/** Every host with what will happen to it; each can be left out and edited. */
export function ImportRows({ rows, verdicts, onRows }: Props) {
  const { t } = useTranslation()
  const [page, setPage] = useState(1)
  const [onlyFaults, setOnlyFaults] = useState(false)
  const faults = verdicts.filter(({ will }) => will === 'refused').length
  const all = rows.map((row, index) => ({ row, index }))
  const chosen = onlyFaults && faults > 0 ? all.filter(({ index }) => verdicts[index]?.will === 'refused') : all
  const pages = Math.max(1, Math.ceil(chosen.length / pageSize))
  const at = Math.min(page, pages)
  const picked = rows.filter((row) => row.picked).length
  const change = (index: number, next: Partial<DraftRow>) => onRows(rows.map((row, each) => (each === index ? { ...row, ...next } : row)))
  return (
    <section aria-label={t('imports.rows.title')}>
      <div className={classes['rowsHead']}>
        <Checkbox
          label={t('imports.rows.pickAll')}
          checked={picked === rows.length}
          indeterminate={picked > 0 && picked < rows.length}
          onChange={(event) => {
            const next = event.currentTarget.checked
            onRows(rows.map((row) => ({ ...row, picked: next })))
          }}
        />
        {faults > 0 ? (
          <Switch
            size="sm"
            label={t('imports.rows.onlyFaults', { count: faults })}
            checked={onlyFaults}
            onChange={(event) => {
              setOnlyFaults(event.currentTarget.checked)
              setPage(1)
            }}
          />
        ) : null}
      </div>
      <ul className={classes['rows']} data-testid="import-rows">
        <li aria-hidden className={classes['titles']}>
          <span />
          <span>{t('imports.rows.name')}</span>
          <span>{t('imports.rows.address')}</span>
          <span>{t('imports.rows.account')}</span>
          <span>{t('imports.rows.via')}</span>
          <span>{t('imports.rows.what')}</span>
        </li>
        {chosen.slice((at - 1) * pageSize, at * pageSize).map(({ row, index }) => (
          <RowFields key={index} row={row} verdict={verdicts[index] ?? { will: 'looking' }} onChange={(next) => change(index, next)} />
        ))}
      </ul>
      {pages > 1 ? (
        <Pagination
          size="sm"
          mt="sm"
          total={pages}
          value={at}
          onChange={setPage}
          aria-label={t('parts.pages')}
          getControlProps={(control) =>
            control === 'previous' ? { 'aria-label': t('parts.previous') } : control === 'next' ? { 'aria-label': t('parts.next') } : {}
          }
        />
      ) : null}
    </section>
  )
}

function RowFields({ row, verdict, onChange }: { row: DraftRow; verdict: Verdict; onChange: (next: Partial<DraftRow>) => void }) {
  const { t } = useTranslation()
  const { host, picked } = row
  const field = verdict.will === 'refused' ? ('fault' in verdict ? verdict.fault : verdict.failure.field?.split('.')[0]) : undefined
  const input = (name: 'name' | 'address' | 'username', label: string, isBad: boolean, placeholder?: string) => (
    <input
      className={classes['input']}
      aria-label={label}
      aria-invalid={isBad || undefined}
      data-mono={name !== 'name' || undefined}
      placeholder={placeholder}
      maxLength={name === 'address' ? 253 : 100}
      spellCheck={false}
      autoComplete="off"
      disabled={!picked}
      value={row[name]}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  )
  return (
    <li data-off={!picked || undefined} title={t('imports.rows.where', { file: host.from.file || t('imports.pasted'), line: host.from.line })}>
      <Checkbox
        aria-label={t('imports.rows.pick', { host: host.name })}
        checked={picked}
        onChange={(event) => onChange({ picked: event.currentTarget.checked })}
      />
      {input('name', t('imports.rows.nameOf', { host: host.name }), field === 'name')}
      <span className={classes['address']}>
        {input('address', t('imports.rows.addressOf', { host: host.name }), field === 'address')}
        <span className="quiet mono">:{host.port}</span>
      </span>
      <span className={classes['address']}>
        {input('username', t('imports.rows.accountOf', { host: host.name }), field === 'accounts', t('imports.rows.noAccount'))}
        {host.usernames.length > 1 ? (
          <span className="quiet" title={host.usernames.slice(1).join(', ')}>
            {t('imports.rows.more', { count: host.usernames.length - 1 })}
          </span>
        ) : null}
      </span>
      <span className={classes['via']} data-empty={!host.via || undefined}>
        <span className={classes['viaWord']}>{t('imports.rows.via')}</span> {host.via ? host.via.name : '–'}
      </span>
      <span className={classes['verdict']}>
        <VerdictWords verdict={verdict} />
        <Text size="xs" className="quiet" span>
          {[host.isJump ? t('imports.rows.jump') : '', host.trusted.length > 0 ? t('imports.rows.keys', { count: host.trusted.length }) : '']
            .filter((text) => text !== '')
            .join(' · ')}
        </Text>
      </span>
    </li>
  )
}

const tones: Record<Verdict['will'], Tone> = { create: 'live', exists: 'calm', left: 'calm', looking: 'calm', refused: 'bad' }

function VerdictWords({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation()
  return (
    <>
      <StateWord tone={tones[verdict.will]}>{t(`imports.will.${verdict.will}`)}</StateWord>
      {verdict.will === 'refused' ? (
        <span className={classes['why']}>{'fault' in verdict ? t(`imports.fault.${verdict.fault}`) : t(`failure.${verdict.failure.code}`)}</span>
      ) : null}
    </>
  )
}
