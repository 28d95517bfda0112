// What the gateway says in between, in the reader's language. Pure.
import type { Notice } from '#wire/terminal.ts'
import { byteSize, hostText, sortableTime } from '../parts/format.ts'

const known = [
  'bytes_passed',
  'not_redrawn',
  'catching_up',
  'not_drawn',
  'idle_soon',
  'duration_soon',
  'grant_ends_soon',
  'grant_prolonged',
  'recorded',
  'host_key_accepted',
  'command_denied',
] as const
type Known = (typeof known)[number]
export type NoticeWords =
  | { key: `live.notice.${Known}`; slots: { size: string; seconds: number; at: string; host: string; fingerprint: string; rule: string } }
  | { text: string }

/** The words of the catalogue where it has some, else the gateway's own sentence as plain text. */
export function noticeWords(notice: Notice): NoticeWords {
  const code = known.find((one) => one === notice.about?.code)
  if (!code) return { text: hostText(notice.text, 600) }
  const { bytes = 0, seconds = 0, at, host = '', fingerprint = '', rule = '' } = notice.about ?? {}
  return {
    key: `live.notice.${code}`,
    slots: {
      size: byteSize(bytes),
      seconds: Math.round(seconds),
      at: at === undefined ? '' : sortableTime(at).slice(11),
      host: hostText(host, 100),
      fingerprint: hostText(fingerprint, 100),
      rule: hostText(rule, 100),
    },
  }
}

/** How long it is worth reading, in ms: what is about to happen until it does. */
export const shownForMs = (notice: Notice): number => (notice.about?.seconds === undefined ? 15_000 : Math.max(1, notice.about.seconds) * 1000)

/** True for what a person must not miss, and for what an administrator wants them to read; the rest stands in the bar below, and goes by itself. */
export const isPressing = (notice: Notice): boolean =>
  notice.about === undefined
    ? notice.level !== 'info'
    : notice.about.code.endsWith('_soon') ||
      notice.about.code === 'grant_prolonged' ||
      notice.about.code === 'recording_notice' ||
      notice.about.code === 'host_key_accepted' ||
      notice.about.code === 'command_denied'
