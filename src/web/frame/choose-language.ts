import { api, meQuery, queries } from '../api.ts'
import { type Language, setLanguage } from '../words/words.ts'

/** The pages speak it from now on, and so does the SSH door to whoever is signed in. */
export async function chooseLanguage(language: Language): Promise<void> {
  await setLanguage(language)
  if (queries.getQueryData(meQuery.queryKey) === undefined) return
  try {
    queries.setQueryData(meQuery.queryKey, await api.account.rename({ language }))
  } catch {
    // The page speaks it already; the door does once it is chosen again.
  }
}
