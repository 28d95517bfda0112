// The browser's clipboard. Away from HTTPS and the machine itself browsers have only the older way, which copies but does not read.

/** False when the browser or the person said no. Only within a click or a key: browsers refuse it otherwise. */
export async function copyText(text: string): Promise<boolean> {
  if (text === '') return false
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text)
      return true
    }
  } catch {
    // Refused by a policy or because the page has no focus: the older way may still be open.
  }
  let copied = false
  const fill = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    event.stopImmediatePropagation()
    copied = true
  }
  document.addEventListener('copy', fill, { capture: true })
  document.execCommand('copy')
  document.removeEventListener('copy', fill, { capture: true })
  return copied
}

/** Undefined when the browser or the person said no. */
export async function readClipboard(): Promise<string | undefined> {
  try {
    return await navigator.clipboard.readText()
  } catch {
    return undefined // there is none away from HTTPS, or it was refused
  }
}
