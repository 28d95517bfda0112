import { useTranslation } from 'react-i18next'
import { movesFiles, notPath } from './grant-draft.ts'
import type { PartProps } from './grant-form.tsx'
import { SizeField } from './size-field.tsx'
import { TextListField } from './text-list-field.tsx'

/** Where files may be and how large, once any may go in or out. */
export function FileFields({ draft, put, wrong }: PartProps) {
  const { t } = useTranslation()
  const bad = notPath(draft)
  if (!movesFiles(draft)) return null
  return (
    <>
      <TextListField
        label={t('grants.form.paths')}
        description={t('grants.form.pathsHelp')}
        placeholder={t('grants.form.pathsExample')}
        value={draft.paths}
        onChange={(paths) => put({ paths })}
        most={50}
        longest={500}
        // A name may have blanks and commas: only what begins anew is another path.
        splitAt={/[,，、\s]+(?=[/~])/}
        // Said at once, beside what was typed.
        error={bad === undefined ? undefined : t('grants.form.bad.paths', { name: bad })}
        testId="grant-paths"
      />
      <SizeField
        name="grant-size"
        label={t('grants.form.size')}
        description={t('grants.form.sizeHelp')}
        placeholder={t('grants.form.anySize')}
        value={draft.size}
        onChange={(size) => put({ size })}
        error={wrong('size') ? t('grants.form.bad.size') : undefined}
      />
    </>
  )
}
