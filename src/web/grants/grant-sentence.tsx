import { useTranslation } from 'react-i18next'
import { useLanguage } from '../parts/use-language.ts'
import type { GrantDraft } from './grant-draft.ts'
import { saidDraft } from './grant-draft.ts'
import { sayGrant } from './grant-words.ts'
import classes from './grants.module.css'
import { type Named, useNamed } from './use-named.ts'

/** Says the grant back while it is written, and how many people and hosts it names now. */
export function GrantSentence({ draft }: { draft: GrantDraft }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const named = useNamed(draft)
  const { may, owes } = sayGrant(saidDraft(draft), { t, language })
  const count = (of: 'people' | 'hosts', found: Named) =>
    found === undefined ? '…' : found.isLeast ? t(`grants.form.${of}Least`, { count: found.count }) : t(`grants.form.${of}`, { count: found.count })
  return (
    <div className={classes['sentence']} role="status" data-testid="grant-sentence">
      <p>
        <bdi>{may}</bdi> <span className="quiet">{owes}</span>
      </p>
      <p className={classes['named']} data-testid="grant-named">
        {t('grants.form.names', { people: count('people', named.people), hosts: count('hosts', named.hosts) })}
      </p>
    </div>
  )
}
