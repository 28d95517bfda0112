import { Kbd, Modal, Table } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** Which keys the list of hosts knows. */
export function KeysHelp({ admin, onClose }: { admin: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const keys: [string[], string][] = [
    [['/'], t('hosts.keys.search')],
    [['j', '↓'], t('hosts.keys.down')],
    [['k', '↑'], t('hosts.keys.up')],
    [['Enter'], t('hosts.keys.connect')],
    [['s'], t('hosts.keys.star')],
    ...(admin
      ? ([
          [['Space'], t('hosts.keys.select')],
          [['e'], t('hosts.keys.edit')],
          [['Esc'], t('hosts.keys.letGo')],
        ] satisfies [string[], string][])
      : []),
    [['Ctrl K'], t('hosts.keys.everywhere')],
    [['?'], t('hosts.keys.help')],
  ]
  return (
    <Modal opened onClose={onClose} title={t('hosts.keys.title')} size="sm" closeButtonProps={{ 'aria-label': t('parts.close') }}>
      <Table verticalSpacing={6} withRowBorders={false} aria-label={t('hosts.keys.title')}>
        <Table.Tbody>
          {keys.map(([names, does]) => (
            <Table.Tr key={does}>
              <Table.Td w={110}>
                {names.map((name) => (
                  <Kbd key={name} mr={4}>
                    {name}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  )
}
