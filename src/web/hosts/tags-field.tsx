import { Pill, TagsInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { mostTagChars, mostTags, splitTags } from './host-draft.ts'
import classes from './hosts.module.css'

type Props = {
  label: string
  value: string[]
  onChange: (tags: string[]) => void
  /** Offered instead of all tags there are. */
  among?: string[]
  error?: string | undefined
  focus?: boolean
}

/** Tags as they are typed or pasted, separated by commas; those that other hosts have are offered, the most used first. */
export function TagsField({ label, value, onChange, among, error, focus = false }: Props) {
  const { t } = useTranslation()
  const tags = useQuery({ queryKey: ['assets', 'tags'], queryFn: ({ signal }) => api.assets.tags(undefined, { signal }), enabled: among === undefined })
  const offered = among ?? tags.data?.items.map(({ tag }) => tag) ?? []
  return (
    <TagsInput
      label={label}
      description={t('hosts.form.tagsHelp')}
      data={offered.filter((tag) => !value.includes(tag))}
      value={value}
      onChange={(next) => onChange(splitTags(next))}
      splitChars={[',', '，', '、']}
      acceptValueOnBlur
      clearable
      limit={30}
      maxTags={mostTags}
      maxLength={mostTagChars}
      error={error}
      data-autofocus={focus || undefined}
      data-testid="host-tags"
      comboboxProps={{ shadow: 'md' }}
      classNames={{ inputField: classes['tagInput'] ?? '' }}
      // By keyboard the last one goes with Backspace.
      renderPill={({ value: tag, onRemove }) => (
        <Pill
          withRemoveButton
          {...(onRemove ? { onRemove } : {})}
          removeButtonProps={{ 'aria-label': t('hosts.form.dropTag', { tag: tag ?? '' }), 'aria-hidden': false }}
          title={tag}
        >
          <bdi>{tag}</bdi>
        </Pill>
      )}
      clearButtonProps={{ 'aria-label': t('hosts.form.clearTags') }}
    />
  )
}
