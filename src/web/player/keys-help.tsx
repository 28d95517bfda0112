import { CloseButton, Kbd } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './player.module.css'

const keys = [
  ['toggle', ['Space', 'k']],
  ['jump', ['←', '→']],
  ['jumpFar', ['Shift ←', 'Shift →']],
  ['share', ['0', '…', '9']],
  ['ends', ['Home', 'End']],
  ['step', [',', '.']],
  ['speed', ['[', ']']],
  ['markers', ['p', 'n']],
  ['recordings', ['Shift P', 'Shift N']],
  ['search', ['/']],
  ['copyScreen', ['c']],
  ['copyLink', ['l']],
  ['fullScreen', ['f']],
] as const

/** Over the picture, until any key closes it. */
export function KeysHelp({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <section className={classes['help']} aria-label={t('player.keys')} data-testid="keys-help">
      <header>
        <h3>{t('player.keys')}</h3>
        <CloseButton aria-label={t('parts.close')} onClick={onClose} />
      </header>
      <dl>
        {keys.map(([name, caps]) => (
          <div key={name}>
            <dt>
              {caps.map((cap) => (
                <Kbd key={cap} size="xs">
                  {cap}
                </Kbd>
              ))}
            </dt>
            <dd>{t(`player.help.${name}`)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
