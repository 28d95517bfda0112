import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api, queries } from '../api.ts'
import { showHostFiles } from '../files/open-panels.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { closeAllTabs } from '../terminal/open-tabs.ts'

/** Ends the sign-in, with all that was opened from it, and goes to the sign-in page. */
export function useSignOut(): { leave: () => void; isLeaving: boolean } {
  const navigate = useNavigate()
  const leave = useMutation({
    mutationFn: () => api.signOut(),
    onError: notifyFailure,
    async onSuccess() {
      closeAllTabs()
      showHostFiles(undefined)
      await navigate({ to: '/sign-in', search: { left: '1' } })
      queries.clear()
    },
  })
  return { leave: () => leave.mutate(), isLeaving: leave.isPending }
}
