import { useEffect, useState } from 'react'
import type { LineActs } from './transfer-line.tsx'
import { TransferLine } from './transfer-line.tsx'
import type { Line } from './transfer-lines.ts'
import { staysMs } from './transfer-lines.ts'
import classes from './transfer.module.css'

/** What goes on and what is over, the newest below. Nothing at all when there is nothing. */
export function TransferPanel({ label, lines }: { label: string; lines: readonly { line: Line; acts: LineActs }[] }) {
  if (lines.length === 0) return null
  return (
    <section className={classes['panel']} aria-label={label} data-testid="transfer-panel">
      {lines.map(({ line, acts }) => (
        <PassingLine key={line.id} line={line} acts={acts} />
      ))}
    </section>
  )
}

/** Goes by itself once it is over, but not from under a pointer or the focus. */
function PassingLine({ line, acts }: { line: Line; acts: LineActs }) {
  const [held, setHeld] = useState({ pointer: false, focus: false })
  const stays = staysMs(line)
  const isHeld = held.pointer || held.focus
  const { close } = acts
  useEffect(() => {
    if (stays === undefined || isHeld) return undefined
    const timer = setTimeout(close, stays)
    return () => clearTimeout(timer)
    // Each rendering makes acts anew; what closing does stays the same.
  }, [stays, isHeld])
  return (
    <div
      className={classes['passing']}
      onPointerEnter={() => setHeld((now) => ({ ...now, pointer: true }))}
      onPointerLeave={() => setHeld((now) => ({ ...now, pointer: false }))}
      onFocus={() => setHeld((now) => ({ ...now, focus: true }))}
      onBlur={() => setHeld((now) => ({ ...now, focus: false }))}
    >
      <TransferLine line={line} acts={acts} />
    </div>
  )
}
