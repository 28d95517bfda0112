import { useEffect, useState } from 'react'
import { copyText } from '../terminal/clipboard.ts'

const shownAsCopiedMs = 1500

/** `copied` for a moment after `copy` has put the text on the clipboard. */
export function useCopied(): { copied: boolean; copy: (text: string) => void } {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), shownAsCopiedMs)
    return () => clearTimeout(timer)
  }, [copied])
  return { copied, copy: (text) => void copyText(text).then(setCopied) }
}
