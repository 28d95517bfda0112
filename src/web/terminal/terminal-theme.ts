import type { ITheme } from '@xterm/xterm'

/** Dark in both themes, as programs expect. Every colour reaches 4.5:1 on the ground but black, which is meant for grounds. */
export const terminalTheme: ITheme = {
  background: '#10151b',
  foreground: '#d7dde5',
  cursor: '#5fc3dd',
  cursorAccent: '#10151b',
  selectionBackground: '#2c4a5c',
  black: '#343d49',
  red: '#ff7b72',
  green: '#5ecb8f',
  yellow: '#e3b457',
  blue: '#6fb3ff',
  magenta: '#d39bff',
  cyan: '#56cfe1',
  white: '#c9d1d9',
  brightBlack: '#8590a0',
  brightRed: '#ffa198',
  brightGreen: '#7ee2a8',
  brightYellow: '#f2cc7a',
  brightBlue: '#9ccaff',
  brightMagenta: '#e2bfff',
  brightCyan: '#86e1ef',
  brightWhite: '#f5f8fb',
}
