// Files that were dropped on a terminal: they go through the queue of the Files panel, and are told of below the terminal too.
import { useState, useSyncExternalStore } from 'react'
import type { Dropped } from '../files/dropped-files.ts'
import { storeOfTab } from '../files/store-of-tab.ts'
import type { FilesStore } from '../files/files-store.ts'
import { queueLine } from './queue-line.ts'
import type { Tab } from './open-tabs.ts'
import type { LineActs } from './transfer-line.tsx'
import type { Line } from './transfer-lines.ts'

/** `ids`: of the queue. */
type Batch = { id: string; ids: readonly number[] }
export type DropUploads = {
  add(dropped: Dropped, folder: string): void
  lines(openFiles: () => void): { line: Line; acts: LineActs }[]
}

const none: FilesStore['state']['uploads'] = []
const nothing = () => () => undefined

export function useDropUploads(tab: Tab): DropUploads {
  const [batches, setBatches] = useState<readonly Batch[]>([])
  // Made when something was dropped, not before.
  const store = batches.length > 0 ? storeOfTab(tab.id) : undefined
  const items = useSyncExternalStore(store?.subscribe ?? nothing, () => store?.state.uploads ?? none)
  return {
    add(dropped, folder) {
      const own = storeOfTab(tab.id)
      if (!own) return
      const { queue } = own.uploads
      const before = queue.items.reduce((most, { id }) => Math.max(most, id), 0)
      // The files are queued at once; only empty folders are waited for.
      void own.uploads.add(dropped, folder).catch(() => undefined) // a folder that could not be made is missed by nobody's file: theirs say it themselves
      const ids = queue.items.flatMap(({ id }) => (id > before ? [id] : []))
      if (ids.length > 0) setBatches((all) => [...all, { id: `queue-${ids[0] ?? 0}`, ids }])
    },
    lines: (openFiles) =>
      batches.flatMap(({ id, ids }) => {
        const own = new Set(ids)
        const line = queueLine(
          id,
          items.filter((item) => own.has(item.id)),
          (item) => store?.uploads.queue.paceOf(item)?.bytesPerSecond(performance.now()),
        )
        const queue = store?.uploads.queue
        if (!line || !queue) return []
        const each = (call: (item: number) => void) => () => ids.forEach(call)
        return [
          {
            line,
            acts: {
              openFiles,
              cancel: each((item) => queue.cancel(item)),
              close: () => setBatches((all) => all.filter((one) => one.id !== id)),
              retry: each((item) => {
                if (queue.items.find((one) => one.id === item)?.state === 'failed') queue.retry(item)
              }),
              settle: (clash) => {
                const asking = queue.items.find((item) => own.has(item.id) && item.state === 'asking')
                if (asking) queue.settle(asking.id, clash, false)
              },
            },
          },
        ]
      }),
  }
}
