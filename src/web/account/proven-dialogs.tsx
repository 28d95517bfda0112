// What asks for password and code together before it is done.
import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, queries } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import { useCodeFault, usePasswordFault } from '../second-factor/code-faults.ts'
import { CodeField } from '../second-factor/code-field.tsx'
import { RecoveryCodes } from '../second-factor/recovery-codes.tsx'

type Proof = { password: string; code: string }
const renewed = () => void queries.invalidateQueries({ queryKey: ['second-factor'] })

export function RenewDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const me = useMe()
  const [codes, setCodes] = useState<readonly string[]>()
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnEscape={codes === undefined}
      closeOnClickOutside={false}
      withCloseButton={codes === undefined}
      title={codes === undefined ? t('secondFactor.renewTitle') : t('secondFactor.codes.title')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      {codes === undefined ? (
        <ProofForm
          text={t('secondFactor.renewText')}
          submit={t('secondFactor.renewDo')}
          act={async (proof) => {
            setCodes((await api.secondFactor.renewCodes(proof)).recoveryCodes)
            renewed()
          }}
          onClose={onClose}
        />
      ) : (
        <RecoveryCodes codes={codes} name={me.username} done={t('secondFactor.codes.done')} onDone={onClose} />
      )}
    </Modal>
  )
}

export function RemoveDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Modal opened onClose={onClose} title={t('secondFactor.removeTitle')} closeButtonProps={{ 'aria-label': t('parts.close') }}>
      <ProofForm
        text={t('secondFactor.removeText')}
        submit={t('secondFactor.removeDo')}
        isDangerous
        act={async (proof) => {
          await api.secondFactor.remove(proof)
          notifications.show({ color: 'green', message: t('secondFactor.removed') })
          renewed()
          onClose()
        }}
        onClose={onClose}
      />
    </Modal>
  )
}

type Props = { text: string; submit: string; isDangerous?: boolean; act: (proof: Proof) => Promise<void>; onClose: () => void }

function ProofForm({ text, submit, isDangerous = false, act, onClose }: Props) {
  const { t } = useTranslation()
  const first = useRef<HTMLInputElement>(null)
  const [proof, setProof] = useState<Proof>({ password: '', code: '' })
  const [tried, setTried] = useState(false)
  const prove = useMutation({ mutationFn: () => act(proof), onError: () => first.current?.select() })
  const [wrongPassword, wrongCode] = [usePasswordFault(prove.error), useCodeFault(prove.error)]
  const put = (change: Partial<Proof>) => {
    setProof((before) => ({ ...before, ...change }))
    prove.reset()
  }
  const isPasswordMissing = tried && proof.password === ''
  const isCodeShort = tried && proof.code.length < 6
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (proof.password !== '' && proof.code.length >= 6) prove.mutate()
      }}
    >
      <Stack gap="md">
        <Text size="sm" className="quiet">
          {text}
        </Text>
        <FailureLine error={wrongPassword === undefined && wrongCode === undefined ? prove.error : undefined} />
        <PasswordInput
          ref={first}
          label={t('secondFactor.password')}
          name="current-password"
          autoComplete="current-password"
          data-autofocus
          maxLength={1024}
          value={proof.password}
          onChange={(event) => put({ password: event.currentTarget.value })}
          error={isPasswordMissing ? t('secondFactor.passwordMissing') : wrongPassword}
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
        />
        <CodeField either value={proof.code} onChange={(code) => put({ code })} error={isCodeShort ? t('secondFactor.codeShort') : wrongCode} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
          <Button type="submit" {...(isDangerous ? { color: 'red' } : {})} loading={prove.isPending} data-testid="proof-submit">
            {submit}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
