// Files that go through one terminal: the card that asks, the lines that tell, and what is dropped on it. Loaded when there is something of it.
import type { RefObject } from 'react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { showFiles } from '../files/open-panels.ts'
import { DropCard } from './drop-card.tsx'
import { DropVeil } from './drop-veil.tsx'
import type { LiveTerminal } from './live-terminal.ts'
import type { Tab } from './open-tabs.ts'
import { changeTab } from './open-tabs.ts'
import { RefusedCard } from './refused-card.tsx'
import { TransferCard } from './transfer-card.tsx'
import type { LineActs } from './transfer-line.tsx'
import type { Line } from './transfer-lines.ts'
import { isLineOver, lineOf } from './transfer-lines.ts'
import { isOver, runningOf } from './transfer-list.ts'
import { TransferPanel } from './transfer-panel.tsx'
import classes from './transfer.module.css'
import { useDropUploads } from './use-drop-uploads.ts'
import { useSpokenLines } from './use-spoken-lines.ts'
import type { TerminalDrop } from './use-terminal-drop.ts'
import { useTransferActs } from './use-transfer-acts.ts'

type Props = {
  tab: Tab
  shown: boolean
  current: boolean
  live: RefObject<LiveTerminal | undefined>
  drop: TerminalDrop
}

export function TerminalTransfers({ tab, shown, current, live, drop }: Props) {
  const { t } = useTranslation()
  const acts = useTransferActs(tab, live)
  const uploads = useDropUploads(tab)
  const running = runningOf(tab.transfers)
  const side = running ? acts.sideOf(running.state.id) : {}
  const asking = running?.state.state === 'asked' && !side.answered && tab.state !== 'ended' ? running : undefined
  const refused = tab.transfers?.findLast(({ state }) => state.state === 'refused')
  const openFiles = () => showFiles(tab.id, true)
  const foot = useRef<HTMLDivElement>(null)
  const isAsking = asking !== undefined
  useEffect(() => {
    if (isAsking && !shown) changeTab(tab.id, tab.attempt, { rang: true })
  }, [isAsking, shown, tab.id, tab.attempt])

  // Files that were dropped while `rz` asks are its answer.
  const given = useRef(drop.dropped)
  useEffect(() => {
    const isFresh = drop.dropped !== given.current
    // What was dropped before `rz` asked was meant for something else.
    if (asking?.state.way !== 'rz') given.current = drop.dropped
    if (!asking || asking.state.way !== 'rz' || !drop.dropped || !isFresh) return
    given.current = drop.dropped
    const { id } = asking.state
    void drop.take().then((files) => {
      if (files.length > 0) acts.give(id, files)
    })
  })

  const lines = (tab.transfers ?? []).flatMap(({ state }): { line: Line; acts: LineActs }[] => {
    const { id } = state
    const own = acts.sideOf(id)
    const line = state.state === 'refused' ? undefined : lineOf(state, own.answered ?? false)
    if (!line) return []
    const offered = line.files.find((file) => file.state === 'offered')
    const lineActs: LineActs = {
      cancel: () => acts.cancel(id),
      close() {
        const wasHere = foot.current?.contains(document.activeElement)
        acts.close(id)
        if (wasHere) live.current?.focus()
      },
      openFiles,
      save: (what) => acts.save(id, what, offered?.index ?? 0),
      skip: (index) => acts.skip(id, index),
    }
    return [{ line: withOwn(line), acts: lineActs }]

    function withOwn(said: Line): Line {
      if (tab.state === 'ended' && !isOver(state)) return { ...said, state: 'failed', note: t('terminalTransfers.line.sessionOver') }
      if (own.failure && (isLineOver(said) || own.noLine)) return { ...said, state: 'failed', failure: own.failure.code }
      if (said.state === 'offered' && own.asked === offered?.index) return { ...said, state: 'starting' }
      const note = own.noLine
        ? t('terminalTransfers.noLine')
        : own.notBegun && said.state === 'offered'
          ? t('terminalTransfers.notBegun')
          : state.way === 'rz' && !isOver(state) && !acts.hasFiles(id)
            ? t('terminalTransfers.line.orphan')
            : undefined
      return { ...said, waitingS: own.waitingS, note }
    }
  })
  // What goes on stands on top, where it is seen on a small screen too; then what was over last.
  const told = [...lines, ...uploads.lines(openFiles)].toReversed()
  const all = [...told.filter(({ line }) => !isLineOver(line)), ...told.filter(({ line }) => isLineOver(line))]
  const heading = asking && t(asking.state.way === 'rz' ? 'terminalTransfers.rz.title' : 'terminalTransfers.sz.title', { host: tab.goal.host })
  const spoken = useSpokenLines(
    all.map(({ line }) => line),
    asking && heading !== undefined ? { id: asking.state.id, title: heading, seconds: Math.round(asking.state.secondsLeft ?? 30) } : undefined,
  )
  return (
    <>
      {drop.dragging ? <DropVeil tab={tab} toRz={asking?.state.way === 'rz'} /> : null}
      <div ref={foot} className={classes['foot']}>
        {asking ? (
          <TransferCard
            key={asking.state.id}
            transfer={asking}
            host={tab.goal.host}
            folder={tab.folder}
            mayFocus={shown && current}
            note={side.noLine ? t('terminalTransfers.noLine') : side.notBegun ? t('terminalTransfers.notBegun') : undefined}
            onSave={(what) => acts.save(asking.state.id, what, 0)}
            onFiles={(files) => acts.give(asking.state.id, files)}
            onDecline={() => acts.cancel(asking.state.id)}
            onTyped={(text) => live.current?.type(text)}
          />
        ) : drop.dropped && tab.state === 'open' ? (
          <DropCard
            tab={tab}
            drop={drop}
            mayFocus={shown && current}
            onUpload={uploads.add}
            onTyped={(text) => live.current?.type(text)}
            onClose={() => {
              drop.forget()
              live.current?.focus()
            }}
          />
        ) : refused ? (
          <RefusedCard
            key={refused.state.id}
            state={refused.state}
            onClose={() => {
              acts.close(refused.state.id)
              live.current?.focus()
            }}
            onFiles={() => {
              acts.close(refused.state.id)
              openFiles()
            }}
          />
        ) : null}
        <TransferPanel label={t('terminalTransfers.panel')} lines={all} />
      </div>
      <div className="visually-hidden" role="status" data-testid="transfer-spoken">
        {spoken}
      </div>
    </>
  )
}
