// Ctrl-K: one field for finding and for going. The keyboard is enough; the list follows the combobox pattern of ARIA (APG, editable combobox with list).
import { Loader, Modal } from '@mantine/core'
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '../frame/me.ts'
import type { Item } from './items.ts'
import { step } from './matching.ts'
import { PaletteList } from './palette-list.tsx'
import classes from './palette.module.css'
import { setPaletteOpen } from './palette-state.ts'
import { remember, withRecent } from './recent-choices.ts'
import { usePaletteItems } from './use-palette-items.ts'

const restMs = 120
const mostTyped = 400

export function Palette() {
  const { t } = useTranslation()
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  return (
    <Modal.Root
      opened
      onClose={() => setPaletteOpen(false)}
      size={640}
      yOffset="10dvh"
      centered={false}
      fullScreen={phone}
      padding={0}
      classNames={{ content: classes['content'] ?? '' }}
    >
      <Modal.Overlay />
      <Modal.Content aria-label={t('palette.label')}>
        <Field phone={phone} />
      </Modal.Content>
    </Modal.Root>
  )
}

function Field({ phone }: { phone: boolean }) {
  const { t } = useTranslation()
  const me = useMe()
  const list = useId()
  const [text, setText] = useState('')
  const [onlyHosts, setOnlyHosts] = useState(false)
  const [active, setActive] = useState<string>()
  /** What Enter was pressed for before its answer came. */
  const [wanted, setWanted] = useState<string>()
  const field = useRef<HTMLInputElement>(null)
  // At once: the dialog itself would do it a moment later, and lose what is typed until then.
  useLayoutEffect(() => field.current?.focus(), [])
  const [rested] = useDebouncedValue(text.trim(), restMs)
  const newTerminal = () => {
    setOnlyHosts(true)
    write('')
    field.current?.focus()
  }
  const { items, isSettled, isAsking, hasFailed } = usePaletteItems({ text, asked: rested, onlyHosts, newTerminal })
  const isEmpty = text.trim() === ''
  // Until the answer for these very words is here, the first entry may not be what the person means.
  const isWaiting = (!isEmpty || onlyHosts) && !hasFailed && (rested !== text.trim() || !isSettled)
  const at = items.findIndex(({ id }) => id === active)
  const current = items[at] ?? items[0]

  const write = (next: string) => {
    setText(next)
    setActive(undefined)
    setWanted(undefined)
  }
  const choose = (item: Item | undefined) => {
    if (!item) return
    const { keep, group, id } = item
    const choice = keep ?? (group === 'pages' || group === 'actions' ? { kind: 'local' as const, id } : undefined)
    // Signing out again at a key's stroke is nobody's wish.
    if (choice && id !== 'sign-out') remember(me.id, (before) => withRecent(before, choice))
    if (!item.stays) setPaletteOpen(false)
    item.run()
  }
  const enter = () => {
    const isSure = active !== undefined || isEmpty || current?.group === 'connect'
    if (isWaiting && !isSure) setWanted(text.trim())
    else choose(current)
  }
  useEffect(() => {
    if (wanted === undefined || isWaiting || wanted !== text.trim()) return
    setWanted(undefined)
    choose(items[0])
  })
  const move = (by: 1 | -1) => {
    setWanted(undefined)
    setActive(
      items[
        step(
          items.findIndex(({ id }) => id === current?.id),
          by,
          items.length,
        )
      ]?.id,
    )
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    // While characters are being composed, arrows and Enter belong to the input method.
    if (event.nativeEvent.isComposing) return
    const acts: Partial<Record<string, () => void>> = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: enter }
    if (event.key === 'Backspace' && text === '' && onlyHosts) setOnlyHosts(false)
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
  const placeholder = onlyHosts ? t('palette.placeholderHosts') : me.role === 'admin' ? t('palette.placeholderAdmin') : t('palette.placeholder')
  return (
    <Modal.Body className={classes['body'] ?? ''}>
      <div className={classes['field']}>
        <IconSearch size={19} aria-hidden />
        <input
          ref={field}
          data-autofocus
          role="combobox"
          aria-label={t('palette.label')}
          aria-expanded={items.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={current ? `${list}-${current.id}` : undefined}
          placeholder={placeholder}
          value={text}
          maxLength={mostTyped}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          enterKeyHint="go"
          onChange={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {isAsking ? <Loader size={16} role="status" aria-label={t('palette.searching')} /> : null}
        {phone ? (
          <button type="button" className={classes['close']} onClick={() => setPaletteOpen(false)}>
            {t('parts.close')}
          </button>
        ) : null}
      </div>
      <PaletteList id={list} items={items} current={current} onChoose={choose} onPoint={(item) => setActive(item.id)} />
      <p className="visually-hidden" role="status">
        {isWaiting ? '' : t('palette.found', { count: items.length })}
      </p>
      {hasFailed ? <p className={classes['empty']}>{t('palette.failed')}</p> : null}
      {items.length === 0 && !isWaiting && !hasFailed && !isEmpty ? (
        <p className={classes['empty']} data-testid="palette-empty">
          <b>{t('palette.nothing', { text: text.trim().slice(0, 60) })}</b>
          {me.role === 'admin' ? <span>{t('palette.nothingAdmin')}</span> : null}
        </p>
      ) : null}
      <footer className={classes['keys']} aria-hidden>
        <span>
          <kbd>↑</kbd>
          <kbd>↓</kbd> {t('palette.keys.move')}
        </span>
        <span>
          <kbd>↵</kbd> {t('palette.keys.choose')}
        </span>
        <span>
          <kbd>{t('palette.keys.esc')}</kbd> {t('palette.keys.close')}
        </span>
      </footer>
    </Modal.Body>
  )
}
