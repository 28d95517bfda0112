// How a person likes their terminals, kept in this browser under their id. What is kept is read as if a stranger had written it: a value that does not fit falls back alone.
import { z } from 'zod'
import { terminalFont } from './terminal-font.ts'
import type { ThemeName } from './themes.ts'
import { themeNames } from './themes.ts'

/** `system` is the first of what the system has; the others need the font to be installed, and fall back to it. */
export const fonts = {
  system: terminalFont,
  jetbrains: '"JetBrains Mono"',
  fira: '"Fira Code", "Fira Mono"',
  cascadia: '"Cascadia Mono", "Cascadia Code"',
  plex: '"IBM Plex Mono"',
  source: '"Source Code Pro"',
  dejavu: '"DejaVu Sans Mono", "Bitstream Vera Sans Mono"',
  menlo: 'Menlo, Monaco',
  consolas: 'Consolas, "Lucida Console"',
  sarasa: '"Sarasa Mono SC", "Noto Sans Mono CJK SC"',
  courier: '"Courier New", Courier',
} as const
export type FontName = keyof typeof fonts
export const fontNames = Object.keys(fonts) as readonly FontName[]

/** Of a font that a person typed: only what names of fonts are made of, since xterm writes it into a style sheet. */
const ownFontOf = /^[\p{L}\p{N}\p{M} ,._-]{1,120}$/u
export const isOwnFont = (text: string): boolean => ownFontOf.test(text) && text.trim() !== ''

export const limits = { fontSize: [8, 32], lineHeight: [1, 2], scrollback: [1000, 50_000] } as const
const within = ([least, most]: readonly [number, number]) => z.number().min(least).max(most)

const schemaOf = (narrow: boolean) =>
  z
    .object({
      font: z.union([z.enum(fontNames), z.literal('own')]).catch('system'),
      ownFont: z.string().regex(ownFontOf).or(z.literal('')).catch(''),
      // On a phone 14 would leave fewer than 50 columns.
      fontSize: within(limits.fontSize)
        .int()
        .catch(narrow ? 12 : 14),
      lineHeight: within(limits.lineHeight).catch(1.15),
      theme: z.union([z.enum(themeNames), z.literal('page')]).catch('harbour'),
      readable: z.boolean().catch(false),
      cursor: z.enum(['block', 'underline', 'bar']).catch('block'),
      cursorBlink: z.boolean().catch(true),
      scrollback: within(limits.scrollback).int().catch(5000),
      bell: z.enum(['off', 'visual', 'sound']).catch('visual'),
      copyOnSelect: z.boolean().catch(false),
      controlCCopies: z.boolean().catch(false),
      screenReader: z.boolean().catch(false),
      drawing: z.enum(['automatic', 'webgl', 'dom']).catch('automatic'),
    })
    .catch(() => defaultSettings(narrow))

export type TerminalSettings = {
  font: FontName | 'own'
  ownFont: string
  fontSize: number
  lineHeight: number
  /** `page`: light or dark as the pages are. */
  theme: ThemeName | 'page'
  /** Raises the contrast of what programs colour badly. */
  readable: boolean
  cursor: 'block' | 'underline' | 'bar'
  cursorBlink: boolean
  scrollback: number
  bell: 'off' | 'visual' | 'sound'
  copyOnSelect: boolean
  /** Ctrl-C copies while something is selected, and interrupts otherwise. */
  controlCCopies: boolean
  screenReader: boolean
  drawing: 'automatic' | 'webgl' | 'dom'
}

export const defaultSettings = (narrow: boolean): TerminalSettings => schemaOf(narrow).parse({})

/** What was kept; whatever does not fit is the default. Never throws. */
export function readSettings(kept: string | null, narrow: boolean): TerminalSettings {
  try {
    return schemaOf(narrow).parse(JSON.parse(kept ?? '{}'))
  } catch {
    return defaultSettings(narrow) // not JSON
  }
}

/** Only what differs from the defaults, so that a better default reaches whoever did not choose. */
export function writeSettings(settings: TerminalSettings, narrow: boolean): string {
  const usual: Record<string, unknown> = defaultSettings(narrow)
  return JSON.stringify(Object.fromEntries(Object.entries(settings).filter(([name, value]) => value !== usual[name])))
}

/** A CSS `font-family` that always ends in what every system has. */
export function fontFamilyOf({ font, ownFont }: TerminalSettings): string {
  if (font === 'system') return terminalFont
  const own = ownFont
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => `"${name}"`)
    .join(', ')
  const chosen = font === 'own' ? (isOwnFont(ownFont) ? own : '') : fonts[font]
  return chosen === '' ? terminalFont : `${chosen}, ${terminalFont}`
}

/** One size up, down, or back to the usual one. */
export function zoomed(settings: TerminalSettings, step: 1 | -1 | 0, narrow: boolean): TerminalSettings {
  const [least, most] = limits.fontSize
  const fontSize = step === 0 ? defaultSettings(narrow).fontSize : Math.min(most, Math.max(least, settings.fontSize + step))
  return fontSize === settings.fontSize ? settings : { ...settings, fontSize }
}
