// What stands in place of the list: nothing there, not allowed, not reachable. Each says what to do.
import { Button, Group, Skeleton, TextInput } from '@mantine/core'
import { IconAlertTriangle, IconFileOff, IconFolderOff, IconFolderOpen, IconKey, IconLock, IconPlugConnectedX, IconSearchOff } from '@tabler/icons-react'
import type { Icon } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { EmptyPlace } from '../parts/empty-place.tsx'
import type { FilesGoal } from './files-goal.ts'
import { longestReason } from './files-goal.ts'
import classes from './files.module.css'
import type { FilesState } from './files-state.ts'
import type { FilesStore } from './files-store.ts'

type Props = { store: FilesStore; state: FilesState; canUpload: boolean }
type Known = 'terminal' | 'noRights' | 'noSftp' | 'asks' | 'away' | 'reason'

/** Codes with which a session of files is refused, as what a person can do about it. */
function known(code: string, { session, asset }: FilesGoal): Known | undefined {
  if (session() === undefined && asset === undefined) return 'terminal'
  switch (code) {
    // Control tells nobody whether what they may not have is there; who came here has seen the host.
    case 'asset_not_found':
    case 'not_granted':
    case 'file_refused':
    case 'forbidden':
      return 'noRights'
    case 'channel_refused':
      return 'noSftp'
    case 'credential_missing':
    case 'conflict':
      return 'asks'
    case 'control_unreachable':
    case 'gateway_unavailable':
    case 'shutting_down':
      return 'away'
    case 'reason_required':
      return 'reason'
    default:
      return undefined
  }
}
const icons: Record<Known, Icon> = {
  terminal: IconPlugConnectedX,
  noRights: IconLock,
  noSftp: IconFileOff,
  asks: IconKey,
  away: IconPlugConnectedX,
  reason: IconKey,
}

/** No session could be had. */
export function RefusedPlace({ store, state }: Pick<Props, 'store' | 'state'>) {
  const { t } = useTranslation()
  const code = state.failure?.code ?? 'internal'
  const why = known(code, store.goal)
  const again = (
    <Button variant="default" size="xs" onClick={() => void store.open()}>
      {t('parts.retry')}
    </Button>
  )
  if (why === 'reason') return <ReasonPlace store={store} />
  return (
    <EmptyPlace
      icon={why ? icons[why] : IconAlertTriangle}
      title={t(why ? `files.refused.${why}.title` : 'parts.failed')}
      text={why ? t(`files.refused.${why}.text`, { account: store.goal.account, host: store.goal.host }) : t(`failure.${code}`)}
      alert
    >
      {again}
      <span className="quiet mono">{code}</span>
    </EmptyPlace>
  )
}

function ReasonPlace({ store }: { store: FilesStore }) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  return (
    <EmptyPlace icon={IconKey} title={t('files.refused.reason.title')} text={t('files.refused.reason.text')}>
      <form
        className={classes['reason']}
        onSubmit={(event) => {
          event.preventDefault()
          if (reason.trim() !== '') void store.open(reason.trim())
        }}
      >
        <TextInput
          label={t('files.refused.reason.label')}
          value={reason}
          maxLength={longestReason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" disabled={reason.trim() === ''}>
          {t('files.refused.reason.go')}
        </Button>
      </form>
    </EmptyPlace>
  )
}

/** This folder has nothing to show. Undefined while it has. */
export function FolderPlace({ store, state, canUpload }: Props) {
  const { t } = useTranslation()
  const { listFailure, isLoading, entries, rows, search, places } = state
  if (listFailure) {
    const { code } = listFailure
    const word = code === 'file_denied' ? 'denied' : code === 'file_not_found' ? 'gone' : undefined
    return (
      <EmptyPlace
        icon={word === 'denied' ? IconLock : word === 'gone' ? IconFolderOff : IconAlertTriangle}
        title={t(word ? `files.place.${word}.title` : 'parts.failed')}
        text={word ? t(`files.place.${word}.text`, { account: store.goal.account, folder: places?.at ?? '/' }) : t(`failure.${code}`)}
        alert
      >
        <Group gap="xs" justify="center">
          {places && places.at !== '/' ? (
            <Button variant="default" size="xs" onClick={() => (places.behind.length > 0 ? store.back() : store.up())}>
              {t(places.behind.length > 0 ? 'files.back' : 'files.up')}
            </Button>
          ) : null}
          <Button variant="default" size="xs" onClick={() => store.refresh()}>
            {t('parts.retry')}
          </Button>
        </Group>
      </EmptyPlace>
    )
  }
  if (rows.length > 0) return null
  if (isLoading) return <ListSkeleton />
  if (search !== '')
    return (
      <EmptyPlace icon={IconSearchOff} title={t('parts.nothingMatches.title')} text={t('files.place.noMatch', { text: search })}>
        <Button variant="default" size="xs" onClick={() => store.search('')}>
          {t('parts.nothingMatches.clear')}
        </Button>
      </EmptyPlace>
    )
  if (entries.length > 0)
    return (
      <EmptyPlace icon={IconFolderOpen} title={t('files.place.onlyHidden.title')} text={t('files.place.onlyHidden.text', { count: entries.length })}>
        <Button variant="default" size="xs" onClick={() => store.showHidden(true)}>
          {t('files.hidden.show')}
        </Button>
      </EmptyPlace>
    )
  return <EmptyPlace icon={IconFolderOpen} title={t('files.place.empty.title')} text={t(canUpload ? 'files.place.empty.text' : 'files.place.empty.readOnly')} />
}

const shapes = [38, 54, 30, 62, 44, 50, 36, 58, 42, 28, 48, 40]
export function ListSkeleton() {
  const { t } = useTranslation()
  return (
    <div className={classes['skeleton']} role="status" aria-label={t('parts.loading')}>
      {shapes.map((width) => (
        <div key={width}>
          <Skeleton height={16} width={16} />
          <Skeleton height={11} width={`${width}%`} />
        </div>
      ))}
    </div>
  )
}
