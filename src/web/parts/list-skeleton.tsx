import { Skeleton, Table } from '@mantine/core'
import classes from './data-list.module.css'

type Props = { columns: { key: string; label: string; align?: 'right'; width?: number | string }[]; rows: number; phone: boolean; label: string }

/** The list before its first answer: the same head and as many rows as may come, so that nothing jumps. */
export function ListSkeleton({ columns, rows, phone, label }: Props) {
  const bones = Array.from({ length: Math.min(rows, 12) }, (_, row) => row)
  const width = (row: number, column: number) => `${45 + ((row * 7 + column * 13) % 40)}%`
  if (phone)
    return (
      <div className={classes['panel']} role="status" aria-label={label}>
        {bones.slice(0, 5).map((row) => (
          <div key={row} className={classes['card']}>
            <Skeleton height={15} width={width(row, 1)} mb={10} />
            <Skeleton height={11} width="70%" mb={7} />
            <Skeleton height={11} width="55%" />
          </div>
        ))}
      </div>
    )
  return (
    <div className={classes['panel']} role="status" aria-label={label}>
      <div className={classes['clip']}>
        <Table className={classes['table']} verticalSpacing={9} horizontalSpacing="sm" aria-hidden>
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <Table.Th key={column.key} ta={column.align} w={column.width}>
                  {column.label}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {bones.map((row) => (
              <Table.Tr key={row}>
                {columns.map((column, at) => (
                  <Table.Td key={column.key}>
                    <Skeleton height={12} my={6} width={width(row, at)} ml={column.align === 'right' ? 'auto' : 0} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </div>
  )
}
