import { useMemo } from 'react'
import { encode } from 'uqr'
import classes from './second-factor.module.css'

/** Modules of quiet around the code (ISO/IEC 18004, 5.3.8): without them cameras do not find it. */
const quietModules = 4

/** Drawn here from the text: no server and no picture file ever sees it. Always black on white, which cameras read best. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { size, data } = encode(text, { ecc: 'M', border: quietModules })
    const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
    return { size, path: dark.join('') }
  }, [text])
  return (
    <svg className={classes['qr']} role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" data-testid="qr-code">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
