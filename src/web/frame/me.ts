import { createContext, use } from 'react'
import type { OperatorView } from '#wire/api/people.ts'

export const MeContext = createContext<OperatorView | undefined>(undefined)

/** Who is signed in; only inside the frame. */
export function useMe(): OperatorView {
  const me = use(MeContext)
  if (!me) throw new Error('useMe is for pages inside the frame')
  return me
}
