import { Checkbox, Loader, ScrollArea, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { FailureLine } from '../parts/failure-notice.tsx'
import classes from './hosts.module.css'

/** Every tag with how many hosts have it; those that are chosen stand first when no host has them. */
export function TagList({ chosen, onToggle }: { chosen: string[]; onToggle: (tag: string) => void }) {
  const { t } = useTranslation()
  const [sought, setSought] = useState('')
  const tags = useQuery({ queryKey: ['assets', 'tags'], queryFn: ({ signal }) => api.assets.tags(undefined, { signal }) })
  const known = tags.data?.items ?? []
  // A chosen tag that no host has any more can still be taken away.
  const all = [...chosen.filter((tag) => !known.some((one) => one.tag === tag)).map((tag) => ({ tag, hosts: 0 })), ...known]
  const found = all.filter(({ tag }) => tag.toLowerCase().includes(sought.trim().toLowerCase()))
  return (
    <Stack gap="xs">
      {all.length > 8 ? (
        <TextInput
          size="xs"
          data-autofocus
          aria-label={t('hosts.filter.findTag')}
          placeholder={t('hosts.filter.findTag')}
          value={sought}
          maxLength={64}
          onChange={(event) => setSought(event.currentTarget.value)}
        />
      ) : null}
      <FailureLine error={tags.error} />
      {tags.isPending ? <Loader size="sm" mx="auto" /> : null}
      {tags.isSuccess && found.length === 0 ? (
        <Text size="sm" className="quiet" p={4}>
          {all.length === 0 ? t('hosts.filter.noTags') : t('parts.nothingMatches.title')}
        </Text>
      ) : null}
      <ScrollArea.Autosize mah={300} type="auto" offsetScrollbars="present">
        <Stack gap={2}>
          {found.map(({ tag, hosts }) => (
            <Checkbox
              key={tag}
              size="xs"
              checked={chosen.includes(tag)}
              onChange={() => onToggle(tag)}
              classNames={{
                root: classes['tagChoice'] ?? '',
                body: classes['tagBody'] ?? '',
                labelWrapper: classes['tagWords'] ?? '',
                label: classes['tagLabel'] ?? '',
              }}
              label={
                <>
                  <bdi title={tag}>{tag}</bdi>
                  <span className="quiet tnum">{hosts}</span>
                </>
              }
            />
          ))}
        </Stack>
      </ScrollArea.Autosize>
    </Stack>
  )
}
