import { useRef, useState } from 'react'
import type { Dropped } from './dropped-files.ts'
import { entriesOf, readDropped } from './dropped-files.ts'
import { isFolder } from './file-order.ts'
import type { FilesState } from './files-state.ts'
import type { FilesStore } from './files-store.ts'
import { notifyFailure } from '../parts/failure-notice.tsx'
import { joinPath } from './places.ts'

type Parts = { store: FilesStore; state: FilesState; disabled: boolean; onFiles: (dropped: Dropped, folder: string) => void }
export type FileDrop = {
  isOver: boolean
  /** The folder's row under the pointer. */
  over: string | undefined
  events: Pick<React.HTMLAttributes<HTMLElement>, 'onDragEnter' | 'onDragOver' | 'onDragLeave' | 'onDrop'>
}

/** Files and folders dropped anywhere on the panel go to the folder shown; on a folder's row into that one. */
export function useFileDrop({ store, state, disabled, onFiles }: Parts): FileDrop {
  const [isOver, setIsOver] = useState(false)
  const [over, setOver] = useState<string>()
  // Entering a child comes before leaving its parent.
  const depth = useRef(0)
  const holds = (event: React.DragEvent) => event.dataTransfer.types.includes('Files')
  const folderAt = (target: EventTarget): string | undefined => {
    const row = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null
    const entry = row ? state.rows[Number(row.dataset['index'])] : undefined
    return entry && isFolder(entry) && entry.isUsable ? entry.name : undefined
  }
  const end = () => {
    depth.current = 0
    setIsOver(false)
    setOver(undefined)
  }
  return {
    isOver,
    over,
    events: {
      onDragEnter(event) {
        if (!holds(event)) return
        event.preventDefault()
        depth.current += 1
        setIsOver(true)
      },
      onDragOver(event) {
        if (!holds(event)) return
        // Also when nothing may be put here: the browser would open the file in place of the page.
        event.preventDefault()
        event.dataTransfer.dropEffect = disabled ? 'none' : 'copy'
        setOver(disabled ? undefined : folderAt(event.target))
      },
      onDragLeave() {
        depth.current = Math.max(0, depth.current - 1)
        if (depth.current === 0) end()
      },
      onDrop(event) {
        if (!holds(event)) return
        event.preventDefault()
        const name = folderAt(event.target)
        end()
        if (disabled) return
        const target = name === undefined ? store.folder : joinPath(store.folder, name)
        // Asked for at once: outside of the event they are gone.
        readDropped(entriesOf(event.dataTransfer)).then((dropped) => onFiles(dropped, target), notifyFailure)
      },
    },
  }
}
