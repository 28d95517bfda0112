import { Button, Modal, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bashIntegration, zshIntegration } from '#domain/shell-integration.ts'
import { useCopied } from '../parts/use-copied.ts'
import classes from './commands.module.css'

const shells = { bash: { text: bashIntegration, file: '~/.bashrc' }, zsh: { text: zshIntegration, file: '~/.zshrc' } } as const

/** What a host's shell is given so that it tells its commands itself: `docs/shell-integration.md`. */
export function ShellSnippets({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const [shell, setShell] = useState<keyof typeof shells>('bash')
  const { copied, copy } = useCopied()
  const { text, file } = shells[shell]
  return (
    <Modal opened onClose={onClose} size="lg" title={t('commands.shell.title')} closeButtonProps={{ 'aria-label': t('parts.close') }}>
      <Stack gap="md">
        <Text size="sm" className="quiet">
          {t('commands.shell.text')}
        </Text>
        <SegmentedControl
          value={shell}
          onChange={(chosen) => setShell(chosen === 'zsh' ? 'zsh' : 'bash')}
          data={['bash', 'zsh']}
          aria-label={t('commands.shell.which')}
          data-testid="snippet-shell"
        />
        <Text size="sm">{t('commands.shell.where', { file })}</Text>
        {/* Scrolled by keys too. */}
        <pre className={classes['snippet']} tabIndex={0} aria-label={t('commands.shell.title')} data-scrolls data-testid="snippet">
          {text}
        </pre>
        <Button variant="default" leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={() => copy(text)} data-testid="snippet-copy">
          <span aria-live="polite">{copied ? t('parts.copied') : t('parts.copy')}</span>
        </Button>
        <Text size="xs" className="quiet">
          {t('commands.shell.worth')}
        </Text>
      </Stack>
    </Modal>
  )
}
