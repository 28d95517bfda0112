// Sends a change of many hosts, bite after bite, and says how far it is.
import { useState } from 'react'
import { inBites } from './bulk-change.ts'
import { renewHosts } from './kept-hosts.ts'

export type BulkRun = { running: boolean; done: number; total: number; error?: unknown }

export function useBulk() {
  const [run, setRun] = useState<BulkRun>({ running: false, done: 0, total: 0 })
  /** True when all went well. Each bite is all or nothing; after one that failed nothing more is sent. The first `from` are left out: they are done. */
  const start = async (ids: readonly string[], send: (ids: string[]) => Promise<unknown>, from = 0): Promise<boolean> => {
    const total = ids.length
    let done = from
    setRun({ running: true, done, total })
    try {
      for (const bite of inBites(ids.slice(from))) {
        await send(bite)
        done += bite.length
        setRun({ running: true, done, total })
      }
      return true
    } catch (error) {
      setRun({ running: false, done, total, error })
      return false
    } finally {
      await renewHosts()
      setRun((before) => ({ ...before, running: false }))
    }
  }
  return { ...run, start }
}
