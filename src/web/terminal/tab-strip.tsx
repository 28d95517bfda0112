import { CloseButton, Menu } from '@mantine/core'
import { IconBell, IconEye } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { clockTime } from '../parts/format.ts'
import type { Tone } from '../parts/state-dot.tsx'
import { StateDot } from '../parts/state-dot.tsx'
import { useNow } from '../parts/use-now.ts'
import type { Tab, TabState } from './open-tabs.ts'
import { asksReason, goalTitle, longestName, readState, tabTitle } from './open-tabs.ts'
import type { Split } from './split-layout.ts'
import { splitOf } from './split-layout.ts'
import type { TabActs } from './tab-acts.ts'
import { TabMenuItems } from './tab-menu.tsx'
import classes from './tab-strip.module.css'

const tones: Partial<Record<TabState, Tone>> = { asking: 'warn', connecting: 'warn', prompting: 'warn', open: 'live', ended: 'calm' }

type Props = {
  tabs: readonly Tab[]
  splits: readonly Split[]
  current: string | undefined
  seen: readonly string[]
  renaming: string | undefined
  acts: TabActs
}

export function TabStrip({ tabs, splits, current, seen, renaming, acts }: Props) {
  const { t } = useTranslation()
  /** Where a dragged tab would come to stand. */
  const [over, setOver] = useState<{ id: string; after: boolean }>()
  const dragged = useRef<string>(undefined)
  const strip = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // `nearest` also scrolls the page where the strip itself has room.
    document.getElementById(`tab-${current}`)?.parentElement?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [current, tabs.length])
  const keys = (event: React.KeyboardEvent, tab: Tab, at: number) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const next = event.key === 'Home' ? tabs[0] : event.key === 'End' ? tabs.at(-1) : by === 0 ? undefined : tabs[(at + by + tabs.length) % tabs.length]
    if (event.key === 'F2') acts.beginRename(tab.id)
    else if (event.key === 'Delete') acts.close(tab)
    else if (by !== 0 && event.ctrlKey && event.shiftKey) acts.step(tab, by)
    else if (next && !event.ctrlKey) {
      acts.choose(next.id)
      document.getElementById(`tab-${next.id}`)?.focus()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  const drop = (target: Tab, after: boolean) => {
    const id = dragged.current
    dragged.current = undefined
    setOver(undefined)
    if (id === undefined || id === target.id) return
    const others = tabs.filter((tab) => tab.id !== id)
    acts.place(id, others.indexOf(target) + (after ? 1 : 0))
  }
  return (
    <div ref={strip} className={classes['strip']} role="tablist" aria-label={t('terminals.tabs')}>
      {tabs.map((tab, at) => {
        const title = tabTitle(tab)
        const split = splitOf(splits, tab.id)
        const tip = [title, ...(tab.name === undefined ? [] : [goalTitle(tab.goal)]), ...(tab.hostTitle ? [tab.hostTitle] : [])].join(': ')
        return (
          <Menu key={tab.id} shadow="md" width={300} position="bottom-start" returnFocus={false} onExitTransitionEnd={acts.settle}>
            <Menu.ContextMenu>
              <div
                className={classes['tab']}
                data-current={tab.id === current || undefined}
                data-seen={seen.includes(tab.id) || undefined}
                data-drop={over?.id === tab.id ? (over.after ? 'after' : 'before') : undefined}
                role="presentation"
                draggable={renaming !== tab.id}
                onDragStart={(event) => {
                  dragged.current = tab.id
                  event.dataTransfer.effectAllowed = 'move'
                  event.dataTransfer.setData('text/plain', title)
                }}
                onDragOver={(event) => {
                  if (dragged.current === undefined) return
                  event.preventDefault()
                  const { left, width } = event.currentTarget.getBoundingClientRect()
                  const after = event.clientX > left + width / 2
                  if (over?.id !== tab.id || over.after !== after) setOver({ id: tab.id, after })
                }}
                onDrop={(event) => {
                  event.preventDefault()
                  drop(tab, over?.after ?? false)
                }}
                onDragEnd={() => {
                  dragged.current = undefined
                  setOver(undefined)
                }}
                onAuxClick={(event) => {
                  if (event.button === 1) acts.close(tab)
                }}
              >
                {renaming === tab.id ? (
                  <NameField tab={tab} acts={acts} />
                ) : (
                  <button
                    type="button"
                    role="tab"
                    id={`tab-${tab.id}`}
                    aria-selected={tab.id === current}
                    aria-controls={`pane-${tab.id}`}
                    aria-description={t('comfort.tab.hint')}
                    tabIndex={tab.id === current ? 0 : -1}
                    className={classes['name']}
                    title={tip}
                    onClick={() => acts.choose(tab.id)}
                    onDoubleClick={() => acts.beginRename(tab.id)}
                    onKeyDown={(event) => keys(event, tab, at)}
                  >
                    <StateDot
                      tone={tab.end?.failure === undefined || asksReason(tab) ? (tones[readState(tab)] ?? 'warn') : 'bad'}
                      pulse={tab.state !== 'open' && tab.state !== 'ended'}
                    />
                    {tab.goal.kind === 'watch' ? <IconEye size={14} role="img" aria-label={t('live.watch.mark')} /> : null}
                    <span className={classes['title']}>{title}</span>
                    <span className="visually-hidden">{t(`terminals.state.${readState(tab)}`)}</span>
                    <TabMarks tab={tab} />
                  </button>
                )}
                <CloseButton size="sm" variant="transparent" aria-label={t('terminals.closeTab', { title })} onClick={() => acts.close(tab)} />
              </div>
            </Menu.ContextMenu>
            <Menu.Dropdown>
              <TabMenuItems tab={tab} at={at} count={tabs.length} split={split} acts={acts} />
            </Menu.Dropdown>
          </Menu>
        )
      })}
    </div>
  )
}

/** Bell, watchers, time, recording: small, behind the name. */
function TabMarks({ tab }: { tab: Tab }) {
  const { t } = useTranslation()
  const now = useNow()
  const watchers = tab.watchers ?? []
  const seconds = tab.openedAtMs === undefined ? undefined : ((tab.endedAtMs ?? Math.max(now, tab.openedAtMs)) - tab.openedAtMs) / 1000
  return (
    <span className={classes['marks']}>
      {tab.rang ? (
        <span className={classes['bell']} title={t('comfort.tab.bell')} data-testid="rang">
          <IconBell size={13} aria-hidden />
          <span className="visually-hidden">{t('comfort.tab.bell')}</span>
        </span>
      ) : null}
      {watchers.length > 0 ? (
        <span className={classes['watchers']} title={t('comfort.tab.watchedBy', { names: watchers.join(', ') })} data-testid="watchers">
          <IconEye size={14} aria-hidden />
          {watchers.length}
        </span>
      ) : null}
      {seconds === undefined ? null : (
        <span className={classes['time']} aria-hidden>
          {clockTime(seconds)}
        </span>
      )}
      {tab.state === 'open' ? (
        <span className={classes['rec']} title={t('comfort.tab.recorded')}>
          <span className="visually-hidden">{t('comfort.tab.recorded')}</span>
        </span>
      ) : null}
    </span>
  )
}

function NameField({ tab, acts }: { tab: Tab; acts: TabActs }) {
  const { t } = useTranslation()
  const [name, setName] = useState(tab.name ?? '')
  const field = useRef<HTMLInputElement>(null)
  const done = useRef(false)
  useEffect(() => {
    field.current?.select()
    field.current?.focus()
  }, [])
  const end = (kept: boolean) => {
    // Leaving the field after Enter or Escape is not a second answer.
    if (done.current) return
    done.current = true
    if (kept) acts.rename(tab.id, name)
    acts.endRename()
  }
  return (
    <input
      ref={field}
      className={classes['field']}
      value={name}
      placeholder={goalTitle(tab.goal)}
      aria-label={t('comfort.tab.newName')}
      maxLength={longestName}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => setName(event.currentTarget.value)}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter' || event.key === 'Escape') end(event.key === 'Enter')
      }}
    />
  )
}
