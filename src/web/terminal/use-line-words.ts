import { useTranslation } from 'react-i18next'
import { byteSize, hostText } from '../parts/format.ts'
import { useLanguage } from '../parts/use-language.ts'
import type { Line } from './transfer-lines.ts'
import { isUnanswered } from './transfer-lines.ts'

export type LineWords = { name: string; state: string; moved: string; detail: string | undefined }

/** A line in the reader's language. */
export function useLineWords(line: Line): LineWords {
  const { t } = useTranslation()
  const language = useLanguage()
  const name = line.name ?? (line.count > 1 ? t('terminalTransfers.line.files', { count: line.count }) : t('terminalTransfers.line.unnamed'))
  const moved =
    line.bytes === undefined ? byteSize(line.moved) : t('terminalTransfers.line.moved', { moved: byteSize(line.moved), bytes: byteSize(line.bytes) })
  const doneWords = () => {
    const done = line.files.filter((file) => file.state === 'done').length
    if (line.files.length > 0 && done === 0) return t(line.direction === 'upload' ? 'terminalTransfers.line.notTaken' : 'terminalTransfers.line.skipped')
    // Of many files only some are told.
    if (line.files.length === line.count && done < line.count) return t('terminalTransfers.line.doneSome', { done, count: line.count })
    return t(line.direction === 'download' ? 'terminalTransfers.line.doneIn' : 'terminalTransfers.line.doneOut')
  }
  const state = () => {
    switch (line.state) {
      case 'starting':
        return t('terminalTransfers.line.starting')
      case 'offered':
        return t('terminalTransfers.line.next')
      case 'checking':
        return t('terminalTransfers.line.checking')
      case 'clash':
        return t('terminalTransfers.clash.text')
      case 'running':
        return line.waitingS === undefined
          ? moved
          : line.waitingS === 0
            ? t('terminalTransfers.line.waitingNow')
            : t('terminalTransfers.line.waiting', { seconds: line.waitingS })
      case 'done':
        return doneWords()
      case 'cancelled':
        return t(isUnanswered(line) ? 'terminalTransfers.line.unanswered' : 'terminalTransfers.line.cancelled')
      case 'failed':
      case 'refused':
        return line.failure === undefined ? t('terminalTransfers.line.failed') : t(`failure.${line.failure}`)
    }
  }
  const said = () => {
    if (line.note !== undefined) return line.note
    if (line.state !== 'failed') return undefined
    const parts = [
      line.rule === undefined ? undefined : t('terminalTransfers.refused.rule', { rule: hostText(line.rule, 200) }),
      // The gateway says it in English.
      language === 'en' && line.text !== undefined ? hostText(line.text, 400) : undefined,
      line.moved > 0 && line.way !== 'queue' ? t(line.direction === 'download' ? 'terminalTransfers.line.partly' : 'terminalTransfers.line.whole') : undefined,
    ].filter((part) => part !== undefined)
    return parts.length === 0 ? undefined : parts.join(' ')
  }
  return { name, moved, state: state(), detail: said() }
}
