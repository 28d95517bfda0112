import { notifications } from '@mantine/notifications'
import { IconTerminal } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { CommandView } from '#wire/api/audit.ts'
import { csvPath } from '#wire/api.ts'
import { api } from '../api.ts'
import { DataList } from '../parts/data-list.tsx'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { PlayerOverList } from '../player/player-over-list.tsx'
import { csvQuery } from '../sessions/sessions-search.ts'
import { copyText } from '../terminal/clipboard.ts'
import { AboutCommands } from './about-commands.tsx'
import { commandColumnsOf } from './command-columns.tsx'
import { CommandFilterBar } from './command-filters.tsx'
import { askedCommands, isNarrowed, momentOf, noCommandFilters } from './commands-search.ts'

const route = getRouteApi('/frame/commands')
type Sort = NonNullable<NonNullable<Parameters<typeof api.commands.list>[0]>['sort']>
const keyOf = ({ session, number }: CommandView) => `${session}.${number}`

export function CommandLog() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const last = useRef<string>(undefined)
  const { q, page, size, play, at } = search
  const asked = { ...askedCommands(search), sort: (search.sort ?? '-at') as Sort }
  const answer = useQuery({
    queryKey: ['commands', asked, page, size],
    queryFn: ({ signal }) => api.commands.list({ ...asked, page: page ?? 1, size: size ?? 50 }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  })
  const change = (next: Record<string, unknown>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: !('play' in next) })
  const jump = (row: CommandView) => {
    last.current = keyOf(row)
    change({ play: row.session, at: momentOf(row.seconds) })
  }
  const copy = async (row: CommandView) => {
    const copied = await copyText(row.text)
    notifications.show(copied ? { message: t('parts.copied'), autoClose: 2000 } : { color: 'red', message: t('player.copyFailed') })
  }
  return (
    <>
      <AboutCommands />
      <DataList
        name="commands"
        label={t('commands.title')}
        columns={commandColumnsOf(t, { onJump: jump, onCopy: (row) => void copy(row) })}
        answer={answer}
        search={search}
        onSearch={change}
        usualSort="-at"
        narrowed={isNarrowed(search)}
        onClear={() => change({ ...noCommandFilters, q: undefined, page: undefined })}
        rowKey={keyOf}
        marked={play === undefined ? undefined : last.current}
        onOpen={jump}
        csv={`${csvPath('commands')}?${csvQuery(asked)}`}
        tools={
          <>
            <SearchField value={q ?? ''} label={t('commands.search')} onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })} />
            <CommandFilterBar filters={search} onChange={(next) => change({ ...next, page: undefined })} />
          </>
        }
        empty={<EmptyPlace icon={IconTerminal} title={t('commands.none.title')} text={t('commands.none.text')} />}
      />
      <PlayerOverList
        play={play}
        at={at}
        rows={[]}
        onChange={(next) => {
          change(next)
          // After the player has gone, which keeps the focus inside until then.
          setTimeout(() => document.querySelector<HTMLElement>(`[data-row="${CSS.escape(last.current ?? '')}"]`)?.focus(), 220)
        }}
      />
    </>
  )
}
