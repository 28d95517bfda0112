import { Anchor } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './commands.module.css'

const ShellSnippets = lazy(async () => ({ default: (await import('./shell-snippets.tsx')).ShellSnippets }))

/** What a log of commands is worth: said on the page itself, so that nobody takes it for more. The first sentence is always there. */
export function AboutCommands() {
  const { t } = useTranslation()
  const [isOpen, setOpen] = useState(false)
  return (
    <aside className={classes['about']} aria-label={t('commands.about.title')}>
      <IconInfoCircle size={20} stroke={1.7} aria-hidden />
      <div>
        <p>{t('commands.about.is')}</p>
        <details>
          <summary>{t('commands.about.title')}</summary>
          <ul>
            <li>{t('commands.about.exact')}</li>
            <li>{t('commands.about.unseen')}</li>
            <li>{t('commands.about.record')}</li>
          </ul>
          <Anchor component="button" type="button" size="sm" onClick={() => setOpen(true)} data-testid="shell-integration">
            {t('commands.shell.title')}
          </Anchor>
        </details>
      </div>
      <Suspense fallback={null}>{isOpen ? <ShellSnippets onClose={() => setOpen(false)} /> : null}</Suspense>
    </aside>
  )
}
