import { Tooltip } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import type { Tone } from '../parts/state-dot.tsx'
import { StateWord } from '../parts/state-dot.tsx'

type State = NonNullable<SessionView['recording']>['state'] | 'verified' | 'consistent'
const tones: Record<State, Tone> = {
  writing: 'live',
  intact: 'live',
  verified: 'live',
  consistent: 'live',
  incomplete: 'warn',
  altered: 'bad',
  expired: 'calm',
}

export function RecordingStateWord({ state }: { state: State }) {
  const { t } = useTranslation()
  return (
    <Tooltip label={t(`recordings.stateHelp.${state}`)}>
      <span data-testid="recording-state" data-state={state}>
        <StateWord tone={tones[state]} pulse={state === 'writing'}>
          {t(`recordings.state.${state}`)}
        </StateWord>
      </span>
    </Tooltip>
  )
}
