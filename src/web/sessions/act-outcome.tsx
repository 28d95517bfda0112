import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import type { SessionTransferView } from '#wire/api/transfers.ts'
import { hostText } from '../parts/format.ts'
import { StateWord, type Tone } from '../parts/state-dot.tsx'

/** While it lives it goes on doing things. */
export const askEveryMs = (session: SessionView): number | false => (session.state === 'ended' ? false : 4000)

const tones: Record<SessionTransferView['outcome'], Tone> = { done: 'live', failed: 'bad', refused: 'warn' }

type Props = { outcome: SessionTransferView['outcome']; failure: string | undefined; rule?: string | undefined }

/** `rule`: the grant that refused it. */
export function Outcome({ outcome, failure, rule }: Props) {
  const { t } = useTranslation()
  return (
    <>
      <StateWord tone={tones[outcome]}>{t(`kinds.outcome.${outcome}`)}</StateWord>
      {rule === undefined ? null : (
        <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
          {t('transfers.byRule', { rule: hostText(rule, 200) })}
        </Text>
      )}
      {failure === undefined ? null : (
        <Text size="xs" className="quiet" lineClamp={3} title={hostText(failure, 300)} style={{ overflowWrap: 'anywhere' }}>
          {hostText(failure, 300)}
        </Text>
      )}
    </>
  )
}
