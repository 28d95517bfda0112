import { UnstyledButton } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { Suspense, lazy, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { setPaletteOpen, usePaletteOpen } from '../palette/palette-state.ts'
import classes from './frame.module.css'

const load = () => import('../palette/palette.tsx')
const Palette = lazy(() => load().then((module) => ({ default: module.Palette })))
/** A palette that cannot be loaded now is loaded when it is opened. */
const warm = () => void load().catch(() => undefined)
const shortcut = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘K' : 'Ctrl K'

/** Looks like the field that it opens; Ctrl-K does the same. */
export function PaletteButton() {
  const { t } = useTranslation()
  const isOpen = usePaletteOpen()
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!isOpen) return undefined
    const before = document.activeElement
    return () => {
      const isThere = before instanceof HTMLElement && before.isConnected && before !== document.body
      ;(isThere ? before : button.current)?.focus({ preventScroll: true })
    }
  }, [isOpen])
  useHotkeys([['mod+K', () => setPaletteOpen(true)]], [])
  return (
    <>
      <UnstyledButton
        ref={button}
        className={classes['search'] ?? ''}
        aria-label={t('palette.label')}
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K"
        onClick={() => setPaletteOpen(true)}
        onPointerEnter={warm}
        onFocus={warm}
        data-testid="palette-button"
      >
        <IconSearch size={16} aria-hidden />
        <span className={classes['searchWords']}>{t('palette.field')}</span>
        <span className={classes['searchShort']}>{t('palette.short')}</span>
        <kbd className={classes['searchKey']}>{shortcut}</kbd>
      </UnstyledButton>
      {isOpen ? (
        <Suspense fallback={null}>
          <Palette />
        </Suspense>
      ) : null}
    </>
  )
}
