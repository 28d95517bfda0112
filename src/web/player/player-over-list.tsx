// The player over a list, from its address: `?play=<session>&at=<seconds>`.
import { Suspense, lazy, useRef } from 'react'
import type { SessionView } from '#wire/api/sessions.ts'
import { hasActs } from '../sessions/session-kind.tsx'

const PlayerDialog = lazy(() => import('./player-dialog.tsx').then((module) => ({ default: module.PlayerDialog })))

export const canPlay = (row: SessionView): boolean => row.recording !== undefined && row.recording.state !== 'expired'
/** A session without a screen is opened too: what it did is listed. */
export const canOpen = (row: SessionView): boolean => canPlay(row) || hasActs(row)

type Props = {
  play: string | undefined
  at: number | undefined
  rows: readonly SessionView[]
  onChange: (change: { play: string | undefined; at: undefined }) => void
}

/** Nothing while nothing is played. Closing gives the focus to the row of what was played last. */
export function PlayerOverList({ play, at, rows, onChange }: Props) {
  const last = useRef<string>(undefined)
  if (play === undefined) return null
  last.current = play
  const close = () => {
    onChange({ play: undefined, at: undefined })
    // After the dialog has gone, which keeps the focus inside until then.
    setTimeout(() => focusRow(last.current), 220)
  }
  return (
    <Suspense fallback={null}>
      <PlayerDialog
        session={play}
        at={at}
        neighbours={rows.filter(canOpen).map(({ id }) => id)}
        onPlay={(session) => onChange({ play: session, at: undefined })}
        onClose={close}
      />
    </Suspense>
  )
}

function focusRow(session: string | undefined): void {
  const row = session === undefined ? null : document.querySelector<HTMLElement>(`[data-row="${CSS.escape(session)}"]`)
  row?.focus()
  row?.scrollIntoView({ block: 'nearest' })
}
