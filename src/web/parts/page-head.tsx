import { Text, Title } from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './page-head.module.css'

/** The head of a page, and the title of the browser's tab. */
export function PageHead({ title, text, children }: { title: string; text: string; children?: React.ReactNode }) {
  const { t } = useTranslation()
  const product = t('frame.product')
  useEffect(() => {
    document.title = `${title} · ${product}`
  }, [title, product])
  return (
    <header className={classes['head']}>
      <div>
        <Title order={1}>{title}</Title>
        <Text size="sm" className="quiet">
          {text}
        </Text>
      </div>
      <div className={classes['acts']}>{children}</div>
    </header>
  )
}
