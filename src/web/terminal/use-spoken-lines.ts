import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Line } from './transfer-lines.ts'

/** For who does not see the terminal: what is asked, and how each transfer ended. Progress is left to the bars, which say it when they are asked. */
export function useSpokenLines(lines: readonly Line[], asked: { id: string; title: string; seconds: number } | undefined): string {
  const { t } = useTranslation()
  const [spoken, say] = useState('')
  const before = useRef(new Map<string, string>())
  const askedId = useRef<string>(undefined)
  useEffect(() => {
    const name = (line: Line) => line.name ?? (line.count > 1 ? t('terminalTransfers.line.files', { count: line.count }) : t('terminalTransfers.line.unnamed'))
    const said = lines.flatMap((line) => {
      if (before.current.get(line.id) === line.state) return []
      if (line.state === 'done') return [t('terminalTransfers.spoken.done', { name: name(line) })]
      if (line.state === 'failed') return [t('terminalTransfers.spoken.failed', { name: name(line) })]
      if (line.state === 'offered') return [t('terminalTransfers.spoken.offered', { name: name(line) })]
      return []
    })
    before.current = new Map(lines.map((line) => [line.id, line.state]))
    if (asked && asked.id !== askedId.current) said.push(t('terminalTransfers.spoken.asked', asked))
    askedId.current = asked?.id
    if (said.length > 0) say(said.join('. '))
  })
  return spoken
}
