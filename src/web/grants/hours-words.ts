// Days and hours of the week as people say them. Pure: the words are handed in.
import type { TFunction } from 'i18next'
import type { WeeklyHours, WeeklySpan } from '#domain/weekly-hours.ts'
import type { FormatLanguage } from '../parts/format.ts'

const locale = (language: FormatLanguage) => (language === 'zh' ? 'zh-CN' : 'en')

/** `Mon`, `周一`; 1 is Monday. */
export function dayName(day: number, language: FormatLanguage, weekday: 'short' | 'long' | 'narrow' = 'short'): string {
  // 5 January 1970 was a Monday.
  return new Intl.DateTimeFormat(locale(language), { weekday, timeZone: 'UTC' }).format(Date.UTC(1970, 0, 4 + day))
}

/** `Mon–Fri`, `Sat, Sun`, `every day`: three or more in a row are a range. */
export function daysWords(days: readonly number[], t: TFunction, language: FormatLanguage): string {
  const sorted = [...new Set(days)].toSorted((one, other) => one - other)
  if (sorted.length === 7) return t('grants.day.each')
  const runs: number[][] = []
  for (const day of sorted) {
    const last = runs.at(-1)
    if (last?.at(-1) === day - 1) last.push(day)
    else runs.push([day])
  }
  const name = (day: number | undefined) => dayName(day ?? 1, language)
  const said = runs.flatMap((run) => (run.length > 2 ? [t('grants.day.to', { from: name(run[0]), to: name(run.at(-1)) })] : run.map(name)))
  return said.join(language === 'zh' ? '、' : ', ')
}

/** `09:00–17:00`, `22:00–06:00 (next day)`, `all day`. */
export function clockWords({ from, until }: Pick<WeeklySpan, 'from' | 'until'>, t: TFunction): string {
  if (from === '00:00' && until === '24:00') return t('grants.day.all')
  return t(endsNextDay({ from, until }) ? 'grants.day.next' : 'grants.day.span', { from, until })
}
export const endsNextDay = ({ from, until }: Pick<WeeklySpan, 'from' | 'until'>): boolean => until <= from

/** `Mon–Fri 09:00–17:00; Sat 10:00–12:00`, without the zone. */
export function spansWords(hours: WeeklyHours, t: TFunction, language: FormatLanguage): string {
  const said = hours.spans.map((span) => `${daysWords(span.days, t, language)} ${clockWords(span, t)}`)
  return said.join(language === 'zh' ? '；' : '; ')
}

/** Which share of a day, 0 to 1, each span takes on each day, so that a week can be drawn; a span that ends on the next day has two pieces. */
export function piecesOf(spans: readonly WeeklySpan[]): { day: number; from: number; until: number }[] {
  const share = (clock: string) => (Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))) / 1440
  return spans.flatMap((span) =>
    span.days.flatMap((day) => {
      const [from, until] = [share(span.from), share(span.until)]
      if (!endsNextDay(span)) return [{ day, from, until }]
      const rest = until === 0 ? [] : [{ day: (day % 7) + 1, from: 0, until }]
      return [{ day, from, until: 1 }, ...rest]
    }),
  )
}
