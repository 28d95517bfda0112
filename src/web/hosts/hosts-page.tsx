import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { useLocalStorage, useMediaQuery } from '@mantine/hooks'
import { IconFileImport, IconKeyboard, IconLayoutGrid, IconPlus, IconTable } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Suspense, lazy, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AssetView } from '#wire/api/assets.ts'
import { csvPath } from '#wire/api.ts'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { DataList } from '../parts/data-list.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { useConnect } from '../terminal/use-connect.ts'
import { withLaterWords } from '../words/words.ts'
import type { BulkKind } from './bulk-change.ts'
import { toggleFavourite } from './favourites.ts'
import { useHostColumns } from './host-columns.tsx'
import { useHostFiles } from '../files/open-panels.ts'
import { FirstRun } from './first-run.tsx'
import { HostFilterBar } from './host-filters.tsx'
import classes from './hosts.module.css'
import { hostsQuery, isNarrowed, noFilters, withTag } from './hosts-search.ts'
import { connectAccount } from './last-account.ts'
import { useChosen } from './use-chosen.ts'
import { focusFirstRow, useHostKeys } from './use-host-keys.ts'

const route = getRouteApi('/frame/hosts')
const HostDialog = lazy(() => import('./host-dialog.tsx').then((module) => ({ default: module.HostDialog })))
const BulkDialog = lazy(() => import('./bulk-dialog.tsx').then((module) => ({ default: module.BulkDialog })))
const RemoveHosts = lazy(() => import('./remove-hosts.tsx').then((module) => ({ default: module.RemoveHosts })))
const ImportDialog = lazy(() => withLaterWords(import('../import/import-dialog.tsx')).then((module) => ({ default: module.ImportDialog })))
const SelectionBar = lazy(() => import('./selection-bar.tsx').then((module) => ({ default: module.SelectionBar })))
const ConnectDialog = lazy(() => withLaterWords(import('../ssh-door/connect-dialog.tsx')).then((module) => ({ default: module.ConnectDialog })))
const HostFiles = lazy(() => withLaterWords(import('../files/host-files.tsx')).then((module) => ({ default: module.HostFiles })))
const KeysHelp = lazy(() => import('./keys-help.tsx').then((module) => ({ default: module.KeysHelp })))

/** Somebody else may look, use or change meanwhile. */
const askAgainMs = 30_000

export function HostsPage() {
  const { t } = useTranslation()
  const me = useMe()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const connect = useConnect()
  const admin = me.role === 'admin'
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const [view, setView] = useLocalStorage<'table' | 'cards'>({ key: 'sallyport.hosts.view', defaultValue: 'table', getInitialValueInEffect: false })
  const [act, setAct] = useState<BulkKind>()
  const [help, setHelp] = useState(false)
  const files = useHostFiles()
  const [fresh, setFresh] = useState<string>()
  const field = useRef<HTMLDivElement>(null)
  const query = hostsQuery(search)
  const answer = useQuery({
    queryKey: ['assets', 'list', query],
    queryFn: ({ signal }) => api.assets.list(query, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: askAgainMs,
  })
  const rows = answer.data?.items
  const chosen = useChosen(rows)
  const change = (next: Record<string, unknown>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: !('host' in next || 'ssh' in next) })
  const open = (host: string | undefined) => change({ host })
  const columns = useHostColumns({
    admin,
    onTag: (tag) => change({ tag: withTag(search, tag), page: undefined }),
    onEdit: open,
    onSsh: (id) => change({ ssh: id }),
  })
  const go = (host: AssetView) => {
    const account = connectAccount(host)
    if (account) connect({ kind: 'asset', asset: host.id, account: account.username, host: host.name })
    else if (admin) open(host.id)
  }
  useHostKeys({
    search: () => field.current?.querySelector('input')?.focus(),
    help: () => setHelp(true),
    star: (id) => {
      const host = rows?.find((row) => row.id === id)
      if (host) void toggleFavourite(host)
    },
    edit: (id) => (admin ? open(id) : undefined),
    letGo: chosen.clear,
  })
  const enterFromSearch = (typed: string) => {
    // Until the answer is that of the words in the field nothing is connected: it would be another host.
    const settled = typed.trim() === (search.q ?? '') && !answer.isPlaceholderData
    const only = rows?.length === 1 && settled ? rows[0] : undefined
    if (only && typed.trim() !== '') go(only)
    else focusFirstRow()
  }
  const total = answer.data?.total ?? 0
  const { host, ssh } = search
  // Lists, filters and columns say nothing where there is nothing yet.
  const isFirst = answer.data?.of === 0
  return (
    <>
      <PageHead title={t('hosts.title')} text={t('hosts.subtitle')}>
        {admin && !isFirst ? (
          <>
            <Button variant="default" leftSection={<IconFileImport size={17} />} onClick={() => open('import')} data-testid="import-hosts">
              {t('firstRun.importDo')}
            </Button>
            <Button leftSection={<IconPlus size={17} />} onClick={() => open('new')} data-testid="add-host">
              {t('hosts.add')}
            </Button>
          </>
        ) : null}
      </PageHead>
      {isFirst ? (
        <FirstRun admin={admin} onAdd={() => open('new')} onImport={() => open('import')} />
      ) : (
        <DataList
          name="hosts"
          usualSort="name"
          label={t('hosts.title')}
          columns={columns}
          answer={answer}
          search={search}
          onSearch={change}
          rowKey={(row) => row.id}
          cards={view === 'cards'}
          narrowed={isNarrowed(search)}
          onClear={() => change({ ...noFilters, q: undefined, page: undefined })}
          onOpen={go}
          csv={`${csvPath('assets')}${csvQuery(query)}`}
          {...(admin ? { selection: { selected: chosen.ids, onSelect: chosen.choose, name: (row: AssetView) => row.name } } : {})}
          tools={
            <div className={classes['tools']}>
              <div
                ref={field}
                className={classes['searchRow']}
                onKeyDown={(event) => {
                  if (event.nativeEvent.isComposing || !(event.target instanceof HTMLInputElement)) return
                  if (event.key === 'Enter') enterFromSearch(event.target.value)
                  else if (event.key === 'ArrowDown') focusFirstRow()
                  else return
                  event.preventDefault()
                }}
              >
                <SearchField
                  value={search.q ?? ''}
                  label={t('hosts.search')}
                  onSearch={(text) => change({ q: text === '' ? undefined : text, page: undefined })}
                />
                {phone ? null : (
                  <>
                    <ActionIcon.Group aria-label={t('hosts.view.label')} role="group">
                      {(['table', 'cards'] as const).map((kind) => (
                        <ActionIcon
                          key={kind}
                          variant={view === kind ? 'light' : 'default'}
                          size={36}
                          aria-label={t(`hosts.view.${kind}`)}
                          title={t(`hosts.view.${kind}`)}
                          aria-pressed={view === kind}
                          onClick={() => setView(kind)}
                        >
                          {kind === 'table' ? <IconTable size={17} /> : <IconLayoutGrid size={17} />}
                        </ActionIcon>
                      ))}
                    </ActionIcon.Group>
                    <Tooltip label={t('hosts.keys.title')}>
                      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('hosts.keys.title')} onClick={() => setHelp(true)}>
                        <IconKeyboard size={18} />
                      </ActionIcon>
                    </Tooltip>
                  </>
                )}
              </div>
              <HostFilterBar search={search} onChange={change} admin={admin} />
            </div>
          }
          empty={null}
        />
      )}
      <Suspense fallback={null}>
        {chosen.ids.size > 0 ? (
          <SelectionBar
            count={chosen.ids.size}
            more={total > chosen.ids.size && (rows ?? []).every(({ id }) => chosen.ids.has(id)) ? total : undefined}
            isGathering={chosen.isGathering}
            onAll={() => void chosen.chooseAll(query)}
            onAct={setAct}
            onClear={chosen.clear}
          />
        ) : null}
      </Suspense>
      <Suspense fallback={null}>
        {admin && host === 'import' ? <ImportDialog onClose={() => open(undefined)} /> : null}
        {admin && host !== undefined && host !== 'import' ? (
          <HostDialog
            key={host}
            host={host}
            fresh={fresh === host}
            onClose={() => open(undefined)}
            onMade={(made) => {
              setFresh(made)
              open(made)
            }}
          />
        ) : null}
        {act === 'remove' ? (
          <RemoveHosts
            hosts={chosen.hosts}
            onClose={() => setAct(undefined)}
            onRemoved={() => {
              setAct(undefined)
              chosen.clear()
            }}
          />
        ) : act === undefined ? null : (
          <BulkDialog kind={act} hosts={chosen.hosts} onClose={() => setAct(undefined)} />
        )}
        {ssh === undefined ? null : <ConnectDialog key={ssh} host={ssh} onClose={() => change({ ssh: undefined })} />}
        {files ? <HostFiles place={files} /> : null}
        {help ? <KeysHelp admin={admin} onClose={() => setHelp(false)} /> : null}
      </Suspense>
    </>
  )
}

/** The same question for the file, without its page. */
function csvQuery({ page: _page, size: _size, ...query }: ReturnType<typeof hostsQuery>): string {
  return `?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString()}`
}
