// How this person likes the list of files, over reloads. What is kept is only looks; whoever reads it finds no name of a file.
import type { FileOrder } from './file-order.ts'
import { fileColumns } from './file-order.ts'

const key = 'sallyport.files'
export type FilesLook = { order: FileOrder; hidden: boolean; width: number }
/** In pixels. */
export const widths = { least: 320, usual: 580, most: 1400 } as const
const usual: FilesLook = { order: { by: 'name', descending: false }, hidden: false, width: widths.usual }

export const boundWidth = (width: number): number => Math.min(widths.most, Math.max(widths.least, Math.round(width)))

export function readLook(text: string | null): FilesLook {
  try {
    const { order, hidden, width } = JSON.parse(text ?? '{}') as { order?: { by?: unknown; descending?: unknown }; hidden?: unknown; width?: unknown }
    return {
      order: { by: fileColumns.find((column) => column === order?.by) ?? usual.order.by, descending: order?.descending === true },
      hidden: hidden === true,
      width: typeof width === 'number' && Number.isFinite(width) ? boundWidth(width) : usual.width,
    }
  } catch {
    return usual // not ours, or cut
  }
}
export const keptLook = (): FilesLook => readLook(localStorage.getItem(key))
export function keepLook(change: Partial<FilesLook>): void {
  try {
    localStorage.setItem(key, JSON.stringify({ ...keptLook(), ...change }))
  } catch {
    // The browser keeps nothing for us: it is forgotten with the page.
  }
}
