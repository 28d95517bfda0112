// What was dropped or picked, as files with the folder that each belongs to: whole folders come as trees, which only `webkitGetAsEntry` shows.

export type Dropped = {
  files: { file: File; /** Below the target, without slashes at its ends; '' for the target itself. */ folder: string }[]
  /** Every folder, also empty ones, parents first. */
  folders: string[]
  /** There were more than could be taken. */
  isCut: boolean
}
/** The same bound as the queue's: a tree beyond it is packed first. */
const mostFiles = 20_000
const mostDepth = 64

/** Asked for at once, inside the event: entries are gone afterwards. */
export function entriesOf(data: DataTransfer): (FileSystemEntry | File)[] {
  return [...data.items].flatMap((item) => {
    if (item.kind !== 'file') return []
    const entry = item.webkitGetAsEntry() ?? item.getAsFile()
    return entry ? [entry] : []
  })
}

/** Rejects with what the browser says of a file that cannot be read. */
export async function readDropped(entries: readonly (FileSystemEntry | File)[]): Promise<Dropped> {
  const found: Dropped = { files: [], folders: [], isCut: false }
  const walk = async (entry: FileSystemEntry | File, folder: string, depth: number): Promise<void> => {
    if (found.files.length >= mostFiles || depth > mostDepth) return void (found.isCut = true)
    if (entry instanceof File) return void found.files.push({ file: entry, folder })
    if (isFileEntry(entry)) return void found.files.push({ file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)), folder })
    if (!isFolderEntry(entry)) return
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    found.folders.push(path)
    const reader = entry.createReader()
    for (;;) {
      // A hundred at a time, until none come.
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
      if (some.length === 0) return
      for (const inner of some) await walk(inner, path, depth + 1)
      if (found.isCut) return
    }
  }
  for (const entry of entries) await walk(entry, '', 0)
  return found
}
const isFileEntry = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolderEntry = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

/** Of a file input: with `webkitdirectory` each file says its path below the folder that was picked. */
export function readPicked(files: readonly File[]): Dropped {
  const folders = new Set<string>()
  const taken = files.slice(0, mostFiles).map((file) => {
    const names = file.webkitRelativePath.split('/').slice(0, -1)
    for (let depth = 1; depth <= names.length; depth += 1) folders.add(names.slice(0, depth).join('/'))
    return { file, folder: names.join('/') }
  })
  return { files: taken, folders: [...folders], isCut: files.length > mostFiles }
}
