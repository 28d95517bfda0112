// Permission bits as people read and write them. Pure.
import type { FileEntry } from '#wire/files.ts'

export const whose = ['owner', 'group', 'others'] as const
export const rights = ['read', 'write', 'execute'] as const
export type Whose = (typeof whose)[number]
export type Right = (typeof rights)[number]
/** Beyond the nine: 0o4000, 0o2000, 0o1000. */
export const specials = ['setuid', 'setgid', 'sticky'] as const
export type Special = (typeof specials)[number]

export const bitOf = (who: Whose, right: Right): number => (right === 'read' ? 4 : right === 'write' ? 2 : 1) << ((2 - whose.indexOf(who)) * 3)
export const specialBit = (special: Special): number => 0o4000 >> specials.indexOf(special)

/** `rwxr-xr-x`, with s, S, t, T as `ls` writes them. */
export function modeText(mode: number): string {
  return whose
    .map((who, at) => {
      const special = (mode & (0o4000 >> at)) !== 0
      const execute = (mode & bitOf(who, 'execute')) !== 0
      const letter = at === 2 ? 't' : 's'
      const last = special ? (execute ? letter : letter.toUpperCase()) : execute ? 'x' : '-'
      return `${(mode & bitOf(who, 'read')) === 0 ? '-' : 'r'}${(mode & bitOf(who, 'write')) === 0 ? '-' : 'w'}${last}`
    })
    .join('')
}
const kindLetters = { file: '-', folder: 'd', link: 'l', other: '?' } as const
/** `drwxr-xr-x`. */
export const longMode = ({ kind, mode }: FileEntry): string => (mode === undefined ? '' : kindLetters[kind] + modeText(mode))

/** `755`, `4755`: without the leading zero that nobody types. */
export const octalText = (mode: number): string => mode.toString(8).padStart(3, '0')
/** Undefined when it is no mode: three or four octal digits. */
export const readOctal = (text: string): number | undefined => (/^[0-7]{3,4}$/.test(text.trim()) ? Number.parseInt(text.trim(), 8) : undefined)

/** What all of these have in common; undefined bits differ. */
export function commonMode(modes: readonly number[]): { mode: number; mixed: number } {
  let [all, any] = [0o7777, 0]
  for (const mode of modes) [all, any] = [all & mode, any | mode]
  return { mode: modes.length === 0 ? 0 : all, mixed: modes.length === 0 ? 0 : any & ~all }
}
