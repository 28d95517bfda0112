import { useEffect, useState } from 'react'

/** The present in ms, renewed four times a second: for a time that runs down while somebody reads it. */
export function useSecond(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [])
  return now
}
