import classes from './host-keys.module.css'

/** A fingerprint in blocks of four, to be compared aloud; copied, it is the fingerprint without gaps. */
export function Fingerprint({ value }: { value: string }) {
  const [, hash = 'SHA256', digest = value] = /^([A-Z0-9]+):(.+)$/.exec(value) ?? []
  return (
    <code className={classes['print']} data-testid="fingerprint" title={value}>
      <span className={classes['hash']}>{`${hash}:`}</span>
      {digest.match(/.{1,4}/g)?.map((block, at) => (
        <span key={at}>{block}</span>
      ))}
    </code>
  )
}
