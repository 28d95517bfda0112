// The colours a terminal may have. Each holds: text 7:1 on the ground, every colour of the sixteen 4.5:1 but those that are meant for grounds (`themes.test.ts`).
import type { ITheme } from '@xterm/xterm'

export type ThemeColors = Required<
  Pick<
    ITheme,
    | 'background'
    | 'foreground'
    | 'cursor'
    | 'cursorAccent'
    | 'selectionBackground'
    | 'black'
    | 'red'
    | 'green'
    | 'yellow'
    | 'blue'
    | 'magenta'
    | 'cyan'
    | 'white'
    | 'brightBlack'
    | 'brightRed'
    | 'brightGreen'
    | 'brightYellow'
    | 'brightBlue'
    | 'brightMagenta'
    | 'brightCyan'
    | 'brightWhite'
  >
>
export type ThemeName = 'harbour' | 'midnight' | 'slate' | 'ember' | 'grove' | 'paper' | 'linen' | 'noon'
export type TerminalTheme = { dark: boolean; colors: ThemeColors }

const ansi = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const
const bright = ['brightBlack', 'brightRed', 'brightGreen', 'brightYellow', 'brightBlue', 'brightMagenta', 'brightCyan', 'brightWhite'] as const
/** In the order of their numbers, 0 to 15. */
export const sixteen = [...ansi, ...bright] as const

/** Ground, text, cursor, selection, then the sixteen in order; words of `#rrggbb` without the mark. */
function theme(dark: boolean, ground: string, text: string, cursor: string, selection: string, colors: string): TerminalTheme {
  const list = colors.split(' ')
  const named = Object.fromEntries(sixteen.map((name, at) => [name, `#${list[at] ?? text}`])) as Record<(typeof sixteen)[number], string>
  return {
    dark,
    colors: {
      background: `#${ground}`,
      foreground: `#${text}`,
      cursor: `#${cursor}`,
      cursorAccent: `#${ground}`,
      selectionBackground: `#${selection}`,
      ...named,
    },
  }
}

// oxfmt-ignore
export const themes: Record<ThemeName, TerminalTheme> = {
  harbour: theme(true, '10151b', 'd7dde5', '5fc3dd', '2c4a5c', '343d49 ff7b72 5ecb8f e3b457 6fb3ff d39bff 56cfe1 c9d1d9 8590a0 ffa198 7ee2a8 f2cc7a 9ccaff e2bfff 86e1ef f5f8fb'),
  midnight: theme(true, '000000', 'f2f2f2', 'ffffff', '264f78', '333333 ff6b6b 5fe07f ffd75f 7ab8ff f08cff 5fe8e8 e0e0e0 9a9a9a ff9d9d 94f5a9 ffe89a a9d1ff f7b8ff 9ff5f5 ffffff'),
  slate: theme(true, '23272e', 'dfe3ea', 'e0a458', '3d4a5f', '3b424d ff8a80 8fd694 f0c274 82b7ff d6a3ff 6fd3d8 d3d9e2 97a1b0 ffb0a8 b1e6b4 f7d9a0 aed0ff e6c6ff 9fe6e9 ffffff'),
  ember: theme(true, '1d1713', 'ece0d3', 'ff9f4a', '5a3d26', '43382f ff8272 b5c95a f5b74f 8fb5e8 e39bbd 7fcfb2 ddd0c2 a8988a ffab9e cfdf86 fcd28a b3cef2 f0bdd3 a8e3cd fff6ec'),
  grove: theme(true, '0f1a16', 'd6e5dc', '7fe0a8', '234a3c', '2f4039 f58a7f 6fd49a d9c469 7cb9e8 cfa3e6 5fd0c4 c8d8cf 84998e f9afa6 98e6b8 e9d993 a6d1f2 e0c2f0 90e2d9 f1faf5'),
  paper: theme(false, 'ffffff', '24292f', '0e7f9b', 'b6e3f0', '24292f b3261e 1a6b3c 7d5200 0a58b0 7b35b8 0b6475 5a6370 4b5563 c62f2a 17713f 855800 1560bd 8641c4 0d6b7d 68717d'),
  linen: theme(false, 'faf4e6', '3b3228', 'a8501c', 'ecd9b0', '3b3228 a62617 4a6313 7e5104 1f5a94 80407a 146457 665c4e 5e5446 b12d1d 4f6917 865608 27619c 884882 1a6a5d 6d6355'),
  noon: theme(false, 'f7f9fb', '000000', '000000', 'a9c7ef', '000000 930000 005216 5f3f00 00358f 5e0085 004a57 454545 3a3a3a a80000 005f1a 694600 0040a8 6b0098 005463 525252'),
}
export const themeNames = Object.keys(themes) as readonly ThemeName[]

/** WCAG 2.2 relative luminance of `#rrggbb`. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
/** 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

/** The `#rrggbb` of one of the 256 colours: the theme's sixteen, then xterm's cube and greys. Undefined beyond. */
export function paletteColor(colors: ThemeColors, at: number): string | undefined {
  const name = sixteen[at]
  if (name !== undefined) return colors[name]
  if (!Number.isInteger(at) || at < 0 || at > 255) return undefined
  const hex = (part: number) => part.toString(16).padStart(2, '0')
  if (at >= 232) return `#${hex((at - 232) * 10 + 8).repeat(3)}`
  const step = (value: number) => hex(value === 0 ? 0 : value * 40 + 55)
  const cube = at - 16
  return `#${step(Math.floor(cube / 36))}${step(Math.floor(cube / 6) % 6)}${step(cube % 6)}`
}
