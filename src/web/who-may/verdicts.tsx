// For one person and one host: yes or no for each account, and why.
import { Button } from '@mantine/core'
import { IconCircleCheck, IconCircleX, IconShieldCheck } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import type { ExplainItem } from '#wire/api/access.ts'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { useLanguage } from '../parts/use-language.ts'
import { useMe } from '../frame/me.ts'
import { GrantDuties } from '../grants/grant-cells.tsx'
import { dayAndTime, listed } from '../grants/grant-words.ts'
import { GrantLink } from './grant-link.tsx'
import classes from './who-may.module.css'

export function Verdicts({ items, action }: { items: readonly ExplainItem[]; action: string }) {
  const { t } = useTranslation()
  const me = useMe()
  if (items.length === 0)
    return (
      <div className={classes['panel']}>
        <EmptyPlace icon={IconShieldCheck} title={t('whoMay.no')} text={t('whoMay.noReason.no_grant')} />
      </div>
    )
  const [first] = items
  const refused = items.every(({ permitted }) => !permitted)
  return (
    <div className={classes['verdicts']}>
      {items.map((item) => (
        <Verdict key={item.account} item={item} />
      ))}
      {refused && first && me.role === 'admin' && items.every(({ refusal }) => refusal === 'no_grant') ? (
        <div>
          <Button
            variant="light"
            renderRoot={(props) => <Link {...props} to="/grants" search={{ operator: first.operator.id, asset: first.asset.id, edit: 'new' }} />}
            data-action={action}
          >
            {t('whoMay.make')}
          </Button>
        </div>
      ) : null}
    </div>
  )
}

function Verdict({ item }: { item: ExplainItem }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const { permitted, account, grants, duties, endsAt, refusal, near } = item
  const Mark = permitted ? IconCircleCheck : IconCircleX
  return (
    <article className={classes['verdict']} data-permitted={permitted} data-testid="verdict">
      <Mark size={26} stroke={1.7} aria-hidden className={classes['mark'] ?? ''} />
      <div className={classes['verdictText']}>
        <h3>
          {account === '' ? t(permitted ? 'whoMay.yes' : 'whoMay.no') : t(permitted ? 'whoMay.yesAs' : 'whoMay.noAs', { account })}
          {permitted ? (
            <span className="quiet"> · {endsAt === undefined ? t('whoMay.noEnd') : t('whoMay.ends', { time: dayAndTime(endsAt, language) })}</span>
          ) : null}
        </h3>
        {permitted ? (
          <dl className={classes['facts']}>
            <dt>{t('whoMay.column.grants')}</dt>
            <dd>
              {grants.map((grant, at) => (
                <Fragment key={grant.id}>
                  {at > 0 ? ', ' : null}
                  <GrantLink grant={grant} />
                </Fragment>
              ))}
            </dd>
            {duties ? (
              <>
                <dt>{t('whoMay.owes')}</dt>
                <dd>
                  <GrantDuties duties={duties} />
                </dd>
              </>
            ) : null}
          </dl>
        ) : (
          <>
            <p>{t(`whoMay.noReason.${refusal ?? 'no_grant'}`)}</p>
            {refusal === 'disabled' ? null : near.length === 0 ? (
              refusal === 'second_factor_needed' ? null : (
                <p className="quiet">{t('whoMay.noNear')}</p>
              )
            ) : (
              <>
                <p className="quiet">{t('whoMay.near')}</p>
                <ul className={classes['near']}>
                  {near.map(({ grant, missing }) => (
                    <li key={grant.id}>
                      <GrantLink grant={grant} />{' '}
                      <span>
                        {listed(
                          missing.map((one) => t(`whoMay.missing.${one}`)),
                          language,
                        )}
                      </span>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </div>
    </article>
  )
}
