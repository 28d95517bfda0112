// How people come in with their own programs: the lines to type, the block for their configuration, and the keys that the door shows.
import { Anchor, Button, Skeleton, Text } from '@mantine/core'
import { IconDownload, IconPlugConnectedX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { useMe } from '../frame/me.ts'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { FailureLine, FailurePlace } from '../parts/failure-notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { SectionCard } from '../parts/section-card.tsx'
import { CopyLine } from '../second-factor/copy-line.tsx'
import { connectLines, type Place, placeOf, sshLine } from './connect-lines.ts'
import { DoorKeys } from './door-keys.tsx'
import { doorQuery } from './door-query.ts'
import { saveText } from '../parts/save-text.ts'
import classes from './ssh-door.module.css'
import { TextBlock } from './text-block.tsx'

export function SshPage() {
  const { t } = useTranslation()
  const door = useQuery(doorQuery)
  const place = door.data && placeOf(door.data)
  return (
    <>
      <PageHead title={t('sshDoor.title')} text={t('sshDoor.subtitle')} />
      {place && door.data ? (
        <div className={classes['page']}>
          <Start place={place} />
          <ConfigBlock />
          <Jump place={place} />
          <SectionCard id="door-keys" title={t('sshDoor.known.title')} text={t('sshDoor.known.text')}>
            <DoorKeys keys={door.data.hostKeys} />
            <TextBlock label={t('sshDoor.known.lines')} text={door.data.hostKeys.map(({ line }) => `${line}\n`).join('')} testId="known-hosts" />
          </SectionCard>
        </div>
      ) : door.data ? (
        <EmptyPlace icon={IconPlugConnectedX} title={t('sshDoor.shut.title')} text={t('sshDoor.shut.text')} />
      ) : door.error ? (
        <FailurePlace error={door.error} retry={() => void door.refetch()} />
      ) : (
        <Skeleton height={240} aria-label={t('parts.loading')} />
      )}
    </>
  )
}

/** A host of one's own for the examples, the one that was used last. */
function useExample() {
  const me = useMe()
  const found = useQuery({
    queryKey: ['assets', 'ssh-example'],
    queryFn: ({ signal }) => api.assets.list({ sort: '-myLastUsedAt', page: 1, size: 1 }, { signal }),
    staleTime: 60_000,
  })
  const host = found.data?.items[0]
  return { operator: me.username, account: host?.accounts[0]?.username ?? 'root', asset: host?.name ?? 'web1' }
}

function Start({ place }: { place: Place }) {
  const { t } = useTranslation()
  const example = useExample()
  const lines = connectLines(place, example)
  return (
    <SectionCard id="start" title={t('sshDoor.start.title')} text={t('sshDoor.start.text')}>
      <div className={classes['lines']}>
        <Line label={t('sshDoor.start.menu')} text={sshLine(place, example.operator)} testId="menu-line" />
        <Line label={t('sshDoor.start.one')} text={lines.ssh} testId="one-line" />
        <Text size="sm" className="quiet">
          {t('sshDoor.start.key')}
        </Text>
        <Anchor size="sm" w="fit-content" renderRoot={(props) => <Link {...props} to="/account" hash="ssh-keys" />}>
          {t('sshDoor.start.keys')}
        </Anchor>
      </div>
    </SectionCard>
  )
}

function Jump({ place }: { place: Place }) {
  const { t } = useTranslation()
  return (
    <SectionCard id="jump" title={t('sshDoor.jump.title')} text={t('sshDoor.jump.text')}>
      <CopyLine label={t('sshDoor.jump.line')} text={connectLines(place, useExample()).jump} testId="jump-line" />
    </SectionCard>
  )
}

export function Line({ label, text, testId }: { label: string; text: string; testId: string }) {
  return (
    <div>
      <Text size="xs" className="quiet" mb={4}>
        {label}
      </Text>
      <CopyLine label={label} text={text} testId={testId} />
    </div>
  )
}

function ConfigBlock() {
  const { t } = useTranslation()
  const answer = useQuery({ queryKey: ['door', 'ssh-config'], queryFn: ({ signal }) => api.door.sshConfig({}, { signal }) })
  const text = answer.data?.text
  return (
    <SectionCard
      id="ssh-config"
      title={t('sshDoor.config.title')}
      {...(answer.data ? { text: t('sshDoor.config.text', { count: answer.data.hosts }) } : {})}
      acts={
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          disabled={text === undefined}
          onClick={() => text !== undefined && saveText(text, 'sallyport.ssh-config')}
          data-testid="download-ssh-config"
        >
          {t('sshDoor.config.download')}
        </Button>
      }
    >
      {text === undefined ? (
        answer.error ? (
          <FailureLine error={answer.error} />
        ) : (
          <Skeleton height={160} aria-label={t('parts.loading')} />
        )
      ) : (
        <div className={classes['lines']}>
          <TextBlock label={t('sshDoor.config.block')} text={text} testId="ssh-config" />
          <TextBlock label={t('sshDoor.config.known')} text={answer.data?.knownHosts ?? ''} testId="config-known-hosts" />
          <div>
            <Text size="sm" className="quiet" mb={4}>
              {t('sshDoor.config.again')}
            </Text>
            <CopyLine
              label={t('sshDoor.config.command')}
              text={`sallyport ssh-config --url ${location.origin} > ~/.ssh/sallyport`}
              testId="ssh-config-command"
            />
          </div>
        </div>
      )}
    </SectionCard>
  )
}
