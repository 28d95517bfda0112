import { useId } from 'react'
import classes from './grants.module.css'

/** One piece of the sentence: its word to the left, what is chosen beside it. */
export function SentencePart({ lead, children }: { lead: string; children: React.ReactNode }) {
  const id = useId()
  return (
    <section className={classes['part']} aria-labelledby={lead === '' ? undefined : id}>
      <h3 id={id} className={classes['lead']} hidden={lead === '' || undefined}>
        {lead}
      </h3>
      <div className={classes['chosen']}>{children}</div>
    </section>
  )
}
