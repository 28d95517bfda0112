import { UnstyledButton } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { Suspense, lazy, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { returnFocus, setPaletteOpen, usePaletteOpen } from '../palette/palette-state.ts'
import classes from './frame.module.css'

const load = () => import('../palette/palette.tsx')
const Palette = lazy(() => load().then((module) => ({ default: module.Palette })))
/** A palette that cannot be loaded now is loaded when it is opened. */
const warm = () => void load().catch(() => undefined)
/** So that what is typed right after Ctrl-K is not lost; later than all that the page itself needs. */
const warmAfterMs = 3000
const shortcut = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘K' : 'Ctrl K'

/** Looks like the field that it opens; Ctrl-K does the same. */
export function PaletteButton() {
  const { t } = useTranslation()
  const isOpen = usePaletteOpen()
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => (isOpen ? () => returnFocus(button.current) : undefined), [isOpen])
  useEffect(() => {
    const timer = setTimeout(warm, warmAfterMs)
    return () => clearTimeout(timer)
  }, [])
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
