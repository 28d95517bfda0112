// A session without a screen: what is known of it, what is kept and what is not, and what it did.
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import { SessionFacts } from '../player/session-facts.tsx'
import { ForwardTable } from './forward-table.tsx'
import { KeptWords } from './kept-words.tsx'
import classes from './session-acts-view.module.css'
import { TransferTable } from './transfer-table.tsx'

export function SessionActsView({ session }: { session: SessionView }) {
  const { t } = useTranslation()
  const isForward = session.kind === 'forward'
  return (
    <div className={classes['whole']} data-testid="session-acts">
      <section className={classes['acts']} tabIndex={0} aria-label={t(isForward ? 'kinds.forwards' : 'kinds.files')}>
        <h3>{t(isForward ? 'kinds.forwards' : 'kinds.files')}</h3>
        {isForward ? <ForwardTable session={session} /> : <TransferTable session={session} />}
      </section>
      <aside className={classes['side']} tabIndex={0} aria-label={t('player.facts')}>
        <KeptWords kind={session.kind} />
        <SessionFacts session={session} onRemoved={() => undefined} />
      </aside>
    </div>
  )
}
