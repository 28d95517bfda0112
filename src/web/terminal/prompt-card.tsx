// What the host or Sallyport asks before the terminal opens. The host's own words are shown as plain text, marked as the host's.
import { Button, Code, FocusTrap, Group, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Prompt } from '#wire/terminal.ts'
import { hostText } from '../parts/format.ts'
import classes from './terminal.module.css'

type Asked = Extract<Prompt, { kind: 'keyboard-interactive' }>['prompts']
type Props = { prompt: Prompt; host: string; onAnswer: (answers: string[] | null) => void }

export function PromptCard({ prompt, host, onAnswer }: Props) {
  const { t } = useTranslation()
  const id = useId()
  const heading =
    prompt.kind === 'password'
      ? t('terminals.prompt.password', { account: prompt.account })
      : prompt.kind === 'host-key'
        ? t('terminals.prompt.hostKey')
        : t('terminals.prompt.interactive')
  return (
    <div className={classes['over']}>
      <FocusTrap active>
        <div className={classes['card']} role="dialog" aria-labelledby={id} data-testid="prompt">
          <Title order={2} id={id} mb={6}>
            {heading}
          </Title>
          {prompt.kind === 'host-key' ? (
            <HostKeyQuestion prompt={prompt} onAnswer={onAnswer} />
          ) : prompt.kind === 'password' ? (
            <Questions
              text={
                prompt.hop === undefined
                  ? t('terminals.prompt.passwordText', { address: prompt.address })
                  : t('terminals.prompt.hopText', { hop: hostText(prompt.hop, 100), host })
              }
              asked={[{ text: t('signIn.password'), echo: false }]}
              onAnswer={onAnswer}
            />
          ) : (
            <Questions
              text={
                prompt.hop === undefined
                  ? t('terminals.prompt.interactiveText', { address: host })
                  : t('terminals.prompt.hopText', { hop: hostText(prompt.hop, 100), host })
              }
              quote={[prompt.name, prompt.instructions].map((part) => hostText(part, 1000)).filter((part) => part !== '')}
              asked={prompt.prompts}
              onAnswer={onAnswer}
            />
          )}
        </div>
      </FocusTrap>
    </div>
  )
}

function Questions({ text, quote = [], asked, onAnswer }: { text: string; quote?: string[]; asked: Asked; onAnswer: Props['onAnswer'] }) {
  const { t } = useTranslation()
  const [answers, setAnswers] = useState(() => asked.map(() => ''))
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onAnswer(answers)
      }}
    >
      <Stack gap="sm">
        <Text size="sm" className="quiet">
          {text}
        </Text>
        {quote.map((part, at) => (
          <Code block key={at} className={classes['quote']}>
            {part}
          </Code>
        ))}
        {asked.map((one, at) => {
          const Field = one.echo ? TextInput : PasswordInput
          return (
            <Field
              key={at}
              label={hostText(one.text, 200).trim() || t('terminals.prompt.unnamed', { n: at + 1 })}
              value={answers[at] ?? ''}
              maxLength={4096}
              autoComplete="off"
              spellCheck={false}
              data-autofocus={at === 0 || undefined}
              data-testid={`prompt-answer-${at}`}
              onChange={(event) => {
                const { value } = event.currentTarget
                setAnswers((before) => before.map((answer, index) => (index === at ? value : answer)))
              }}
            />
          )
        })}
        <Group justify="flex-end" gap="xs" mt={4}>
          <Button variant="default" onClick={() => onAnswer(null)}>
            {t('terminals.prompt.decline')}
          </Button>
          <Button type="submit">{t('terminals.prompt.answer')}</Button>
        </Group>
      </Stack>
    </form>
  )
}

function HostKeyQuestion({ prompt, onAnswer }: { prompt: Extract<Prompt, { kind: 'host-key' }>; onAnswer: Props['onAnswer'] }) {
  const { t } = useTranslation()
  return (
    <Stack gap="sm">
      <Text size="sm" className="quiet">
        {t('terminals.prompt.hostKeyText', { address: prompt.address })}
      </Text>
      <Text size="xs" className="quiet">
        {t('terminals.prompt.fingerprint')} ({prompt.type})
      </Text>
      <Code block className={classes['print']} data-testid="prompt-fingerprint">
        {prompt.fingerprint}
      </Code>
      <Group justify="flex-end" gap="xs" mt={4}>
        <Button variant="default" data-autofocus onClick={() => onAnswer(null)}>
          {t('terminals.prompt.refuse')}
        </Button>
        <Button onClick={() => onAnswer(['yes'])}>{t('terminals.prompt.trust')}</Button>
      </Group>
    </Stack>
  )
}
