import { Button } from '@mantine/core'
import { IconFolderOpen } from '@tabler/icons-react'
import { useRef } from 'react'

/** A button that opens the browser's own choice of files. Choosing none says nothing. */
export function FilePicker({ label, disabled, onFiles }: { label: string; disabled: boolean; onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={label}
        data-testid="transfer-files"
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])]
          // The same files may be chosen again after a refusal.
          event.currentTarget.value = ''
          onFiles(files)
        }}
      />
      <Button size="xs" disabled={disabled} leftSection={<IconFolderOpen size={15} />} onClick={() => input.current?.click()}>
        {label}
      </Button>
    </>
  )
}
