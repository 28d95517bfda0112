// What would happen, row by row, asked again when what is typed rests.
import { useEffect, useRef, useState } from 'react'
import type { ImportOutcome } from '#wire/api/assets.ts'
import { api } from '../api.ts'
import type { DraftRow, MadeRow, RowField } from './import-rows.ts'

const restMs = 350

export type Verdict =
  | { will: 'create' | 'exists' | 'left' | 'looking' }
  | { will: 'refused'; fault: RowField }
  | { will: 'refused'; failure: NonNullable<ImportOutcome['failure']> }

/** By the place of each draft. */
export function useRehearsal(made: readonly MadeRow[]): { outcomes: ReadonlyMap<number, ImportOutcome>; busy: boolean; error: unknown; again: () => void } {
  const [state, setState] = useState<{ outcomes: ReadonlyMap<number, ImportOutcome>; busy: boolean; error: unknown }>({
    outcomes: new Map(),
    busy: true,
    error: undefined,
  })
  const [turn, setTurn] = useState(0)
  const asked = useRef('')
  useEffect(() => {
    const rows = made.flatMap((one) => ('row' in one ? [one] : []))
    const question = JSON.stringify(rows)
    if (question === asked.current) return undefined
    const stop = new AbortController()
    setState((before) => ({ ...before, busy: true }))
    const timer = setTimeout(
      () => {
        void (async () => {
          try {
            const { items } =
              rows.length === 0 ? { items: [] } : await api.assets.importMany({ rows: rows.map(({ row }) => row), dryRun: true }, { signal: stop.signal })
            if (stop.signal.aborted) return
            asked.current = question
            setState({ outcomes: new Map(items.map((item) => [rows[item.index]?.index ?? -1, item])), busy: false, error: undefined })
          } catch (error) {
            if (!stop.signal.aborted) setState((before) => ({ ...before, busy: false, error }))
          }
        })()
      },
      asked.current === '' ? 0 : restMs,
    )
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [made, turn])
  return {
    ...state,
    again: () => {
      asked.current = ''
      setTurn((before) => before + 1)
    },
  }
}

export function verdictsOf(rows: readonly DraftRow[], made: readonly MadeRow[], outcomes: ReadonlyMap<number, ImportOutcome>): Verdict[] {
  const faults = new Map(made.flatMap((one) => ('fault' in one ? [[one.index, one.fault] as const] : [])))
  return rows.map((row, index): Verdict => {
    if (!row.picked) return { will: 'left' }
    const fault = faults.get(index)
    if (fault !== undefined) return { will: 'refused', fault }
    const outcome = outcomes.get(index)
    if (!outcome || outcome.name !== row.name.trim().normalize('NFC')) return { will: 'looking' }
    if (outcome.outcome === 'refused' && outcome.failure) return { will: 'refused', failure: outcome.failure }
    return { will: outcome.outcome === 'created' ? 'create' : 'exists' }
  })
}
