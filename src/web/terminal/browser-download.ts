// A download of the browser's own: streams to disk, also beyond what a page could hold, and the page stays where it is.

/** Must be called from a click. An answer that is no file is shown as a failed download by the browser; the gateway tells the page by TRANSFER. */
export function beginDownload(address: string): void {
  const link = document.createElement('a')
  link.href = address
  // Without a name of ours: the answer brings its own. With the attribute no answer can take the page away.
  link.download = ''
  link.rel = 'noopener'
  document.body.append(link)
  link.click()
  link.remove()
}
