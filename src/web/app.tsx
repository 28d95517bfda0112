import { MantineProvider, mergeThemeOverrides } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { queries } from './api.ts'
import { router } from './routes.tsx'
import { theme } from './theme.ts'

export function App() {
  const { t } = useTranslation()
  const close = t('parts.close')
  // The library's own button has no name for those who cannot see it.
  const spoken = useMemo(
    () => mergeThemeOverrides(theme, { components: { Notification: { defaultProps: { closeButtonProps: { 'aria-label': close } } } } }),
    [close],
  )
  return (
    <MantineProvider theme={spoken} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <ModalsProvider labels={{ confirm: t('parts.save'), cancel: t('parts.cancel') }} modalProps={{ centered: true }}>
          <Notifications position="bottom-right" limit={4} autoClose={5000} />
          <RouterProvider router={router} />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  )
}
