import { Paper, Title } from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { LanguageMenu, ThemeMenu } from '../frame/look-menus.tsx'
import classes from './door.module.css'

/** The quiet room in front of the product: sign-in and claim stand in it. */
export function Door({ title, children }: { title: string; children: React.ReactNode }) {
  const { t } = useTranslation()
  const product = t('frame.product')
  useEffect(() => {
    document.title = `${title} · ${product}`
  }, [title, product])
  return (
    <div className={classes['room']}>
      <div className={classes['corner']}>
        <LanguageMenu />
        <ThemeMenu />
      </div>
      <main className={classes['middle']}>
        <div className={classes['brand']}>
          <img src="/mark.svg" alt="" width={40} height={40} />
          <span>{product}</span>
        </div>
        <Paper withBorder className={classes['card']}>
          <Title order={1}>{title}</Title>
          {children}
        </Paper>
      </main>
    </div>
  )
}
