// Numbers and times for people; pure, the language and the present are passed in.
export type FormatLanguage = 'en' | 'zh'
const locale = (language: FormatLanguage) => (language === 'zh' ? 'zh-CN' : 'en')

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** "3 minutes ago"; undefined within 10 seconds of now, for which the catalogue has a word. */
export function relativeTime(at: string | number | Date, nowMs: number, language: FormatLanguage): string | undefined {
  const seconds = (new Date(at).getTime() - nowMs) / 1000
  const size = Math.abs(seconds)
  if (!Number.isFinite(size) || size < 10) return undefined
  const words = new Intl.RelativeTimeFormat(locale(language), { numeric: 'always', style: 'short' })
  for (const [unit, length] of steps) if (size >= length) return words.format(Math.trunc(seconds / length), unit)
  return words.format(Math.trunc(seconds), 'second')
}

/** The exact time in the person's own zone, with seconds and the zone's name. */
export function exactTime(at: string | number | Date, language: FormatLanguage): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? '' : new Intl.DateTimeFormat(locale(language), { dateStyle: 'medium', timeStyle: 'long' }).format(date)
}

/** `2026-11-21 16:02:07` in the person's own zone: the same width for every time, the same in every language. */
export function sortableTime(at: string | number | Date): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return ''
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** `4:05`, `1:02:03`, from whole seconds; hours grow as they need. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** `812 B`, `1.4 kB`, `23 MB`: decimal units, three figures. */
export function byteSize(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return '–'
  if (bytes < 1000) return `${Math.round(bytes)} B`
  let value = bytes
  let unit = ''
  for (unit of ['kB', 'MB', 'GB', 'TB', 'PB']) {
    value /= 1000
    // 999.5 would be shown as 1000 of the smaller unit.
    if (value < 999.5) break
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

// Control characters, and marks that turn the direction of what follows: a host must not be able to rearrange our page.
// oxlint-disable-next-line no-control-regex -- control characters are what is removed here
const unshowable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu

/** Text that came from a host, fit to stand in our page: no control or direction characters, at most `most` characters. */
export function hostText(text: string, most = 128): string {
  const clean = Array.from(text.slice(0, most * 4).replace(unshowable, ''))
  return clean.length > most ? `${clean.slice(0, most - 1).join('')}…` : clean.join('')
}
