// A sign-in from name and password to the first page, step by step.
import { useMutation } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { asFailure } from '#client/failure-answer.ts'
import { api, queries } from '../api.ts'
import { safeNext } from '../parts/list-search.ts'
import { afterRefusal, type Given, type Step, stepAfter } from './sign-in-steps.ts'

const nothing: Given = { username: '', password: '' }
export type SignInDoor = ReturnType<typeof useSignIn>

/** `next`: where to go in the end. */
export function useSignIn(next: string | undefined) {
  const router = useRouter()
  const [given, setGiven] = useState(nothing)
  const [step, setStep] = useState<Step>()
  const go = (operator: { id: string }) => {
    queries.clear()
    queries.setQueryData(['me'], operator)
    router.history.push(safeNext(next))
  }
  const enter = useMutation({
    mutationFn: (whole: Given) => api.signIn({ ...whole, username: whole.username.trim() }),
    onSuccess(answer, whole) {
      setGiven(whole)
      const following = stepAfter(answer)
      setStep(following)
      if (following === undefined && 'operator' in answer) go(answer.operator)
    },
    onError(error, whole) {
      const after = afterRefusal(asFailure(error).code, step, whole)
      setGiven(after.given)
      setStep(after.step)
    },
  })
  return {
    given,
    step,
    error: enter.error,
    isBusy: enter.isPending,
    put: (change: Partial<Given>) => setGiven((before) => ({ ...before, ...change })),
    /** With what was asked for. */
    enter: (more: Partial<Given>) => enter.mutate({ ...given, ...more }),
    /** To the beginning: nothing of what was given stays. */
    restart(): void {
      setGiven({ ...nothing, username: given.username })
      setStep(undefined)
      enter.reset()
    },
    go,
  }
}
