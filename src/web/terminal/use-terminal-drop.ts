import { useEffect, useState } from 'react'
import type { RefObject } from 'react'
import type { Dropped } from '../files/dropped-files.ts'
import { entriesOf, readDropped } from '../files/dropped-files.ts'

type Entries = ReturnType<typeof entriesOf>
export type TerminalDrop = {
  dragging: boolean
  /** What was dropped and is not yet dealt with. */
  dropped: Entries | undefined
  /** With the folders in it. */
  read(): Promise<Dropped>
  /** Its files alone, and nothing is left of it. */
  take(): Promise<File[]>
  forget(): void
}

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

/** Files that are dragged over and dropped on one terminal. While there is one, a file that is dropped beside it does not take the page away. */
export function useTerminalDrop(room: RefObject<HTMLElement | null>, isWanted: boolean): TerminalDrop {
  const [dragging, setDragging] = useState(false)
  const [dropped, setDropped] = useState<Entries>()
  useEffect(() => {
    const element = room.current
    if (!element) return undefined
    const stop = new AbortController()
    const { signal } = stop
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      if (event.dataTransfer) event.dataTransfer.dropEffect = isWanted ? 'copy' : 'none'
      setDragging(true)
    }
    element.addEventListener('dragenter', over, { signal })
    element.addEventListener('dragover', over, { signal })
    element.addEventListener(
      'dragleave',
      (event) => {
        // From one of its own elements to another.
        if (!(event.relatedTarget instanceof Node && element.contains(event.relatedTarget))) setDragging(false)
      },
      { signal },
    )
    element.addEventListener(
      'drop',
      (event) => {
        setDragging(false)
        if (!hasFiles(event) || !event.dataTransfer) return
        event.preventDefault()
        const entries = isWanted ? entriesOf(event.dataTransfer) : []
        if (entries.length > 0) setDropped(entries)
      },
      { signal },
    )
    const stay = (event: DragEvent) => {
      if (hasFiles(event) && !event.defaultPrevented) event.preventDefault()
    }
    window.addEventListener('dragover', stay, { signal })
    window.addEventListener('drop', stay, { signal })
    return () => stop.abort()
  }, [room, isWanted])
  return {
    dragging,
    dropped,
    read: () => readDropped(dropped ?? []),
    async take() {
      setDropped(undefined)
      const { files } = await readDropped(dropped ?? [])
      return files.map(({ file }) => file)
    },
    forget: () => setDropped(undefined),
  }
}
