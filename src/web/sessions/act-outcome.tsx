import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import type { SessionTransferView } from '#wire/api/transfers.ts'
import { hostText } from '../parts/format.ts'
import { StateWord, type Tone } from '../parts/state-dot.tsx'

/** While it lives it goes on doing things. */
export const askEveryMs = (session: SessionView): number | false => (session.state === 'ended' ? false : 4000)

const tones: Record<SessionTransferView['outcome'], Tone> = { done: 'live', failed: 'bad', refused: 'warn' }

export function Outcome({ outcome, failure }: { outcome: SessionTransferView['outcome']; failure: string | undefined }) {
  const { t } = useTranslation()
  return (
    <>
      <StateWord tone={tones[outcome]}>{t(`kinds.outcome.${outcome}`)}</StateWord>
      {failure === undefined ? null : (
        <Text size="xs" className="quiet" style={{ overflowWrap: 'anywhere' }}>
          {hostText(failure, 300)}
        </Text>
      )}
    </>
  )
}
