import { Stack, Text, Title } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import classes from './empty-place.module.css'

type Props = { icon: Icon; title: string; text: string; alert?: boolean; children?: React.ReactNode }

/** Where there is nothing: says so, and what to do about it. */
export function EmptyPlace({ icon: Mark, title, text, alert = false, children }: Props) {
  return (
    <Stack align="center" gap="xs" className={classes['place']} role={alert ? 'alert' : undefined}>
      <span className={classes['mark']}>
        <Mark size={26} stroke={1.6} aria-hidden />
      </span>
      <Title order={2} ta="center">
        {title}
      </Title>
      <Text className="quiet" ta="center" maw={440} size="sm">
        {text}
      </Text>
      {children ? (
        <Stack align="center" gap="xs" mt="sm">
          {children}
        </Stack>
      ) : null}
    </Stack>
  )
}
