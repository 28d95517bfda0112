// The files of one import as they are dropped, chosen or pasted, and what was read of them.
import { useRef, useState } from 'react'
import { type ImportNote, makeNote, mostFileBytes, mostFiles } from '#client/import/import-note.ts'
import { decode, type Encoding, guessEncoding } from './read-bytes.ts'
import { type ImportReading, readImport } from './read-import.ts'

export type ImportFile = { id: number; name: string; bytes: Uint8Array; encoding: Encoding }
const nothing: ImportReading = { hosts: [], notes: [], kinds: [] }

/** `onRead` hears what all files together come to, each time that one comes or goes. What was begun before another came is dropped. */
export function useImportFiles(onRead: (reading: ImportReading, files: readonly ImportFile[]) => void) {
  const [files, setFiles] = useState<readonly ImportFile[]>([])
  const [refused, setRefused] = useState<readonly ImportNote[]>([])
  const [reading, setReading] = useState<ImportReading>(nothing)
  const [busy, setBusy] = useState(false)
  const turn = useRef(0)
  const count = useRef(0)

  const read = async (next: readonly ImportFile[]) => {
    const mine = ++turn.current
    setFiles(next)
    setBusy(true)
    const read = await readImport(next.map(({ name, bytes, encoding }) => ({ name, text: decode(bytes, encoding) })))
    if (mine !== turn.current) return
    setReading(read)
    setBusy(false)
    onRead(read, next)
  }
  const add = async (given: readonly { name: string; bytes: () => Promise<Uint8Array>; size: number }[]) => {
    const next = [...files]
    const faults: ImportNote[] = []
    for (const { name, bytes, size } of given) {
      if (size > mostFileBytes) faults.push(makeNote(name, 0, 'file_too_large'))
      else if (next.length >= mostFiles) faults.push(makeNote(name, 0, 'too_many_files'))
      else
        try {
          const content = await bytes()
          const same = next.findIndex((file) => file.name === name && name !== '')
          const file = { id: ++count.current, name, bytes: content, encoding: guessEncoding(content) }
          // The same file dropped again is the newer state of it.
          if (same < 0) next.push(file)
          else next[same] = file
        } catch {
          faults.push(makeNote(name, 0, 'file_unreadable')) // a folder, or gone since; said beside the others
        }
    }
    setRefused(faults)
    await read(next)
  }
  return {
    files,
    busy,
    reading,
    notes: [...refused, ...reading.notes],
    addFiles: (list: readonly File[]) =>
      add(list.map((file) => ({ name: file.name, size: file.size, bytes: async () => new Uint8Array(await file.arrayBuffer()) }))),
    addText: (text: string) => {
      const bytes = new TextEncoder().encode(text)
      return add([{ name: '', size: bytes.length, bytes: () => Promise.resolve(bytes) }])
    },
    remove: (id: number) => read(files.filter((file) => file.id !== id)),
    setEncoding: (id: number, encoding: Encoding) => read(files.map((file) => (file.id === id ? { ...file, encoding } : file))),
    clear: () => read([]),
  }
}
