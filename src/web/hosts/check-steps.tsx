import { Loader } from '@mantine/core'
import { IconCircleCheckFilled, IconCircleDashed, IconCircleXFilled, IconClock } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Line, Lines } from './check-lines.ts'
import { stepNames } from './check-lines.ts'
import classes from './hosts.module.css'

/** Three lines that turn green or say what failed. */
export function CheckSteps({ lines }: { lines: Lines }) {
  const { t } = useTranslation()
  const words = (line: Line): string => {
    switch (line.state) {
      case 'failed':
        return line.failure ? t(`failure.${line.failure}`) : t('hosts.steps.failed')
      case 'later':
        return t('hosts.steps.askLater')
      case 'later-key':
        return t('hosts.steps.keyLater')
      default:
        return t(`hosts.steps.${line.state}`)
    }
  }
  return (
    <ol className={classes['steps']} aria-live="polite">
      {stepNames.map((step) => {
        const line = lines[step]
        return (
          <li key={step} className={classes['step']} data-state={line.state} data-testid={`check-${step}`}>
            <Mark state={line.state} />
            <span>
              <b>{t(`hosts.steps.${step}`)}</b>
              <span className="quiet">{words(line)}</span>
            </span>
          </li>
        )
      })}
    </ol>
  )
}

function Mark({ state }: { state: Line['state'] }) {
  if (state === 'running') return <Loader size={18} />
  const Icon =
    state === 'ok'
      ? IconCircleCheckFilled
      : state === 'failed'
        ? IconCircleXFilled
        : state === 'later' || state === 'later-key' || state === 'decide'
          ? IconClock
          : IconCircleDashed
  return <Icon size={20} aria-hidden />
}
