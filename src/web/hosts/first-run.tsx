// Where there is no host yet: the ways to begin, side by side.
import { Button, Text, TextInput, Title } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import { IconBolt, IconFileImport, IconPlus, IconServer } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAddress, parseTarget } from '#domain/asset.ts'
import { EmptyPlace } from '../parts/empty-place.tsx'
import { useConnect } from '../terminal/use-connect.ts'
import classes from './first-run.module.css'

type Props = { admin: boolean; onAdd: () => void; onImport: () => void }

export function FirstRun({ admin, onAdd, onImport }: Props) {
  const { t } = useTranslation()
  if (!admin) return <EmptyPlace icon={IconServer} title={t('firstRun.memberTitle')} text={t('firstRun.memberText')} />
  return (
    <section className={classes['place']} data-testid="first-run">
      <Title order={2} ta="center">
        {t('firstRun.title')}
      </Title>
      <Text className="quiet" ta="center" size="sm" maw={520}>
        {t('firstRun.text')}
      </Text>
      <div className={classes['ways']}>
        <Way icon={IconPlus} title={t('firstRun.add')} text={t('firstRun.addText')}>
          <Button fullWidth onClick={onAdd} data-testid="first-add">
            {t('firstRun.addDo')}
          </Button>
        </Way>
        <Way icon={IconFileImport} title={t('firstRun.import')} text={t('firstRun.importText')}>
          <Button fullWidth variant="default" onClick={onImport} data-testid="first-import">
            {t('firstRun.importDo')}
          </Button>
        </Way>
        <Way icon={IconBolt} title={t('firstRun.once')} text={t('firstRun.onceText')}>
          <ConnectOnce />
        </Way>
      </div>
    </section>
  )
}

function Way({ icon: Mark, title, text, children }: { icon: Icon; title: string; text: string; children: React.ReactNode }) {
  const id = useId()
  return (
    <div className={classes['way']} role="group" aria-labelledby={id}>
      <span className={classes['mark']}>
        <Mark size={22} stroke={1.7} aria-hidden />
      </span>
      <Title order={3} id={id} className={classes['title'] ?? ''}>
        {title}
      </Title>
      <Text size="sm" className="quiet">
        {text}
      </Text>
      <div className={classes['act']}>{children}</div>
    </div>
  )
}

/** What a person may type; the address is one that documents use (RFC 5737). */
const example = 'root@192.0.2.10:22'

/** `user@host:port`, kept nowhere. */
function ConnectOnce() {
  const { t } = useTranslation()
  const connect = useConnect()
  const [text, setText] = useState('')
  const [tried, setTried] = useState(false)
  const target = parseTarget(text)
  return (
    <form
      noValidate
      autoComplete="off"
      className={classes['once']}
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (target) connect({ kind: 'address', address: text.trim(), host: formatAddress(target.address, target.port), account: target.username })
      }}
    >
      <TextInput
        aria-label={t('firstRun.onceLabel')}
        placeholder={example}
        name="connect-once"
        maxLength={400}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={tried && !target ? t('firstRun.onceBad') : undefined}
      />
      <Button type="submit" variant="default">
        {t('firstRun.onceDo')}
      </Button>
    </form>
  )
}
