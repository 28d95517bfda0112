import classes from './state-dot.module.css'

export type Tone = 'live' | 'warn' | 'bad' | 'calm'

/** Colour means state, and never alone: the word stands beside it. */
export function StateDot({ tone, pulse = false }: { tone: Tone; pulse?: boolean }) {
  return <span aria-hidden className={classes['dot']} data-tone={tone} data-pulse={pulse || undefined} />
}

export function StateWord({ tone, pulse = false, children }: { tone: Tone; pulse?: boolean; children: React.ReactNode }) {
  return (
    <span className={classes['word']} data-tone={tone}>
      <StateDot tone={tone} pulse={pulse} />
      {children}
    </span>
  )
}
