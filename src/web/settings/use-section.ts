// What a section holds that is not saved yet.
import { useState } from 'react'
import { asFailure } from '#client/failure-answer.ts'
import type { SettingName, SettingsValues, SettingsView } from '#wire/api/settings.ts'
import { useFailureWords } from '../parts/failure-notice.tsx'
import { type Change, useSave } from './use-settings.tsx'

type Draft = Partial<SettingsValues>
const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

export type Section = ReturnType<typeof useSection>

/** `section`: its name. Fields ask for their value and tell what was typed, or what is wrong with it. */
export function useSection(view: SettingsView, section: string) {
  const words = useFailureWords()
  const [draft, setDraft] = useState<Draft>({})
  const [faults, setFaults] = useState<{ [Name in SettingName]?: string }>({})
  /** Fields that keep what was typed begin anew with it. */
  const [round, setRound] = useState(0)
  const save = useSave(view, section)
  const refused = save.error ? asFailure(save.error) : undefined
  const begin = () => {
    setDraft({})
    setFaults({})
    setRound((before) => before + 1)
    save.reset()
  }
  const names = (Object.keys(draft) as SettingName[]).filter((name) => !isSame(draft[name], view.values[name]))
  const put = (change: Change) => save.mutate(change, { onSuccess: begin })
  return {
    view,
    round,
    isBusy: save.isPending,
    isChanged: names.length > 0 || Object.keys(faults).length > 0,
    /** What no field has a place for. */
    refusal: refused && !(refused.field !== undefined && (refused.field.split('.')[0] ?? '') in view.values) ? refused : undefined,
    value: <Name extends SettingName>(name: Name): SettingsValues[Name] => draft[name] ?? view.values[name],
    faultOf: (name: SettingName): string | undefined => faults[name] ?? (refused?.field?.split('.')[0] === name ? words(refused) : undefined),
    set<Name extends SettingName>(name: Name, value: SettingsValues[Name]): void {
      setDraft((before) => ({ ...before, [name]: value }))
      setFaults(({ [name]: _gone, ...others }) => others as typeof faults)
    },
    setFault: (name: SettingName, fault: string) => setFaults((before) => ({ ...before, [name]: fault })),
    discard: begin,
    /** Saves what has changed, when nothing is wrong with it. */
    submit(): void {
      if (Object.keys(faults).length === 0 && names.length > 0) put(Object.fromEntries(names.map((name) => [name, draft[name]])) as Change)
    },
    changed: names,
    /** Back to what the start gave, at once. */
    reset: (name: SettingName) => put({ [name]: null }),
  }
}
