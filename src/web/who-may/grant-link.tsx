import { Link } from '@tanstack/react-router'
import { useMe } from '../frame/me.ts'
import classes from './who-may.module.css'

/** Opens the grant for who may change it; others read its name. */
export function GrantLink({ grant }: { grant: { id: string; name: string } }) {
  const me = useMe()
  if (me.role !== 'admin') return <bdi className={classes['grantName']}>{grant.name}</bdi>
  return (
    <Link to="/grants" search={{ edit: grant.id }} className={classes['link']} title={grant.name}>
      <bdi>{grant.name}</bdi>
    </Link>
  )
}
