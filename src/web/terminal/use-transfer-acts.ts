// What a person does about `sz` and `rz` in one terminal, and what the page does for them: begins downloads, sends the files that were given.
import type { RefObject } from 'react'
import { useEffect, useRef, useState } from 'react'
import { zmodemUrl } from '#client/files/file-addresses.ts'
import type { Failure } from '#domain/failure.ts'
import { beginDownload } from './browser-download.ts'
import type { LiveTerminal } from './live-terminal.ts'
import type { Tab } from './open-tabs.ts'
import { changeTab, listTabs } from './open-tabs.ts'
import { RzSender } from './rz-sender.ts'
import { isOver, withoutTransfer } from './transfer-list.ts'

/** A browser that has not asked by then asks its person something, or was refused. */
const downloadBeginsWithinMs = 8000

/** Of one transfer, beside what the gateway says. */
export type OwnSide = {
  /** The person said yes to the card. */
  answered?: boolean
  /** Of `sz`: the index that was last asked for; a second request would be one too many. */
  asked?: number
  /** The browser asked for nothing. */
  notBegun?: boolean
  /** The act did not leave the page: the line is gone. */
  noLine?: boolean
  /** Seconds until the page tries again to send. */
  waitingS?: number | undefined
  failure?: Failure
}

export type TransferActs = {
  sideOf(id: string): OwnSide
  /** Of `rz`: whether this page has the files. */
  hasFiles(id: string): boolean
  save(id: string, what: 'next' | 'zip', index: number): void
  give(id: string, files: readonly File[]): void
  skip(id: string, index: number): void
  cancel(id: string): void
  close(id: string): void
}

export function useTransferActs(tab: Tab, live: RefObject<LiveTerminal | undefined>): TransferActs {
  const [sides, setSides] = useState<Readonly<Record<string, OwnSide>>>({})
  const senders = useRef(new Map<string, RzSender>())
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>())
  const note = (id: string, change: Partial<OwnSide>) => setSides((all) => ({ ...all, [id]: { ...all[id], ...change } }))
  const { transfers } = tab
  useEffect(() => {
    for (const { state } of transfers ?? []) {
      const sender = senders.current.get(state.id)
      sender?.heard(state)
      if (sender && isOver(state)) senders.current.delete(state.id)
    }
  }, [transfers])
  useEffect(() => {
    const [all, waits] = [senders.current, timers.current]
    const hurry = () => all.forEach((sender) => sender.hurry())
    window.addEventListener('online', hurry)
    return () => {
      window.removeEventListener('online', hurry)
      all.forEach((sender) => sender.stop())
      waits.forEach(clearTimeout)
    }
  }, [])
  const send = (act: Parameters<LiveTerminal['transfer']>[0]): boolean => {
    const isSent = live.current?.transfer(act) ?? false
    note(act.id, { noLine: !isSent })
    return isSent
  }
  const stateOf = (id: string) =>
    listTabs()
      .find((one) => one.id === tab.id)
      ?.transfers?.find(({ state }) => state.id === id)?.state
  return {
    sideOf: (id) => sides[id] ?? {},
    hasFiles: (id) => senders.current.has(id),
    save(id, what, index) {
      if (tab.session === undefined) return
      note(id, { answered: true, asked: index, notBegun: false, noLine: false })
      beginDownload(zmodemUrl(tab.session, id, what))
      const timer = setTimeout(() => {
        timers.current.delete(timer)
        const now = stateOf(id)
        const isStill = now?.state === 'asked' || now?.files.find((file) => file.index === index)?.state === 'offered'
        if (isStill) note(id, { answered: now?.state !== 'asked', asked: -1, notBegun: true })
      }, downloadBeginsWithinMs)
      timers.current.add(timer)
      live.current?.focus()
    },
    give(id, files) {
      if (tab.session === undefined) return
      const named = files.map(({ name, size, lastModified }) => ({ name, bytes: size, mtime: Math.max(0, Math.trunc(lastModified)) }))
      const sender = new RzSender({
        origin: location.origin,
        session: tab.session,
        id,
        files,
        waiting: (nextInMs) => note(id, { waitingS: nextInMs === undefined ? undefined : Math.ceil(nextInMs / 1000) }),
        failed(failure) {
          note(id, { failure })
          send({ act: 'cancel', id })
        },
      })
      // Before the gateway can answer.
      senders.current.set(id, sender)
      if (send({ act: 'accept', id, files: named, ...(tab.folder === undefined ? {} : { folder: tab.folder }) })) note(id, { answered: true })
      else senders.current.delete(id)
      live.current?.focus()
    },
    skip: (id, index) => void send({ act: 'skip', id, index }),
    cancel(id) {
      send({ act: 'cancel', id })
      live.current?.focus()
    },
    close(id) {
      const now = listTabs().find((one) => one.id === tab.id)
      changeTab(tab.id, tab.attempt, { transfers: withoutTransfer(now?.transfers ?? [], id) })
    },
  }
}
