// Several short texts, typed or pasted: login names, networks.
import { Pill, TagsInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './grants.module.css'

type Props = {
  label: string
  description: string
  placeholder?: string
  value: readonly string[]
  onChange: (texts: string[]) => void
  error?: string | undefined
  testId: string
  most: number
  offered?: readonly string[]
  /** Characters of one. */
  longest?: number
  /** Between one and the next, in what is typed or pasted. */
  splitAt?: RegExp
}

export function TextListField({ label, description, placeholder, value, onChange, error, testId, most, offered = [], longest = 64, splitAt }: Props) {
  const { t } = useTranslation()
  return (
    <TagsInput
      label={label}
      description={description}
      {...(placeholder === undefined || value.length > 0 ? {} : { placeholder })}
      data={offered.filter((one) => !value.includes(one))}
      value={[...value]}
      onChange={(texts) =>
        onChange([...new Set(texts.flatMap((text) => text.split(splitAt ?? /[,，、\s]+/).map((one) => one.trim())).filter((text) => text !== ''))])
      }
      splitChars={splitAt === undefined ? [',', '，', '、', ' '] : []}
      acceptValueOnBlur
      maxTags={most}
      maxLength={longest}
      spellCheck={false}
      error={error}
      data-testid={testId}
      comboboxProps={{ shadow: 'md' }}
      classNames={{ input: classes['pickBox'] ?? '', inputField: classes['pickInput'] ?? '' }}
      renderPill={({ value: text, onRemove }) => (
        <Pill
          withRemoveButton
          {...(onRemove ? { onRemove } : {})}
          removeButtonProps={{ 'aria-label': t('grants.form.dropAccount', { name: text ?? '' }), 'aria-hidden': false }}
          title={text}
        >
          <bdi className="mono">{text}</bdi>
        </Pill>
      )}
    />
  )
}
