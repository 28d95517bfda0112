// Filters of a list: chosen in a small form, shown as chips, kept in the address by the page.
import { Button, CloseButton, Group, Popover } from '@mantine/core'
import { IconFilter } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './filter-bar.module.css'

export type Chip<Name extends string> = readonly [name: Name, words: string]
type Props<Name extends string> = {
  chips: readonly Chip<Name>[]
  onDrop: (name: Name) => void
  onClear: () => void
  /** The form, which closes itself when it has told what was chosen. */
  children: (close: () => void) => React.ReactNode
}

export function FilterBar<Name extends string>({ chips, onDrop, onClear, children }: Props<Name>) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState(false)
  return (
    <>
      <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" trapFocus returnFocus width={340}>
        <Popover.Target>
          <Button
            variant="default"
            leftSection={<IconFilter size={16} />}
            onClick={() => setOpened((before) => !before)}
            aria-expanded={opened}
            data-testid="add-filter"
          >
            {t('lists.addFilter')}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>{children(() => setOpened(false))}</Popover.Dropdown>
      </Popover>
      {chips.length > 0 ? (
        <Group gap={6} role="group" aria-label={t('lists.filters')}>
          {chips.map(([name, words]) => (
            <span key={name} className={classes['chip']} data-testid={`filter-${name}`}>
              <span>{words}</span>
              <CloseButton size="xs" aria-label={t('lists.dropFilter', { name: words })} onClick={() => onDrop(name)} />
            </span>
          ))}
          {chips.length > 1 ? (
            <Button size="compact-xs" variant="subtle" onClick={onClear}>
              {t('lists.clearFilters')}
            </Button>
          ) : null}
        </Group>
      ) : null}
    </>
  )
}
