// What is done with the hosts that are selected; stays in sight while the list scrolls.
import { Button, CloseButton, Menu } from '@mantine/core'
import { IconChevronDown, IconTag, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { BulkKind } from './bulk-change.ts'
import { otherKinds } from './bulk-change.ts'
import classes from './hosts.module.css'

type Props = {
  count: number
  /** How many match the search when more can be selected than are. */
  more: number | undefined
  isGathering: boolean
  onAll: () => void
  onAct: (kind: BulkKind) => void
  onClear: () => void
}

export function SelectionBar({ count, more, isGathering, onAll, onAct, onClear }: Props) {
  const { t } = useTranslation()
  return (
    <div className={classes['selection']} role="region" aria-label={t('hosts.bulk.bar')} data-testid="selection">
      <b className="tnum" aria-live="polite">
        {t('hosts.bulk.selected', { count })}
      </b>
      {more === undefined ? null : (
        <Button size="compact-sm" variant="subtle" loading={isGathering} onClick={onAll}>
          {t('hosts.bulk.all', { count: more })}
        </Button>
      )}
      <div className={classes['selectionActs']}>
        <Button size="xs" variant="default" leftSection={<IconTag size={15} />} onClick={() => onAct('tags')}>
          {t('hosts.bulk.act.tags')}
        </Button>
        <Menu position="top-end" shadow="md">
          <Menu.Target>
            <Button size="xs" variant="default" rightSection={<IconChevronDown size={15} />}>
              {t('hosts.bulk.change')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {otherKinds.map((kind) => (
              <Menu.Item key={kind} onClick={() => onAct(kind)}>
                {t(`hosts.bulk.act.${kind}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Button size="xs" variant="light" color="red" leftSection={<IconTrash size={15} />} onClick={() => onAct('remove')}>
          {t('hosts.remove')}
        </Button>
        <CloseButton aria-label={t('hosts.bulk.clear')} title={t('hosts.bulk.clear')} onClick={onClear} />
      </div>
    </div>
  )
}
