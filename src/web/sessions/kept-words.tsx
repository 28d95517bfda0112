import { useTranslation } from 'react-i18next'
import type { SessionKind } from '#domain/session-kind.ts'
import classes from './session-acts-view.module.css'

/** What is recorded of such a session and what is not, so that nobody believes more than there is. */
export function KeptWords({ kind }: { kind: SessionKind }) {
  const { t } = useTranslation()
  return (
    <dl className={classes['kept']} data-testid="kept">
      <div>
        <dt>{t('kinds.kept')}</dt>
        <dd>{t(`kinds.keeps.${kind}`)}</dd>
      </div>
      <div>
        <dt>{t('kinds.notKept')}</dt>
        <dd>{t(`kinds.leaves.${kind}`)}</dd>
      </div>
    </dl>
  )
}
