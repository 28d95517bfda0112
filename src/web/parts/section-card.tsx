import { Paper, Text, Title } from '@mantine/core'
import classes from './section-card.module.css'

type Props = { id: string; title: string; text?: string; acts?: React.ReactNode; children: React.ReactNode }

/** One subject of a page that has several. Its `id` is its anchor. */
export function SectionCard({ id, title, text, acts, children }: Props) {
  return (
    <Paper component="section" withBorder className={classes['card'] ?? ''} aria-labelledby={`${id}-title`} id={id}>
      <header className={classes['head']}>
        <div>
          <Title order={2} id={`${id}-title`} tabIndex={-1}>
            {title}
          </Title>
          {text === undefined ? null : (
            <Text size="sm" className="quiet">
              {text}
            </Text>
          )}
        </div>
        {acts}
      </header>
      <div className={classes['body']}>{children}</div>
    </Paper>
  )
}
