import type { SessionEnd } from '#domain/session.ts'
import type { LiveSession } from './live-sessions.ts'
import type { NearControls } from './near.ts'

export type SessionReport = { id: string; end: SessionEnd; bytesIn: number; bytesOut: number }

/** One live session. `begin` starts the flow of output to the Near and gives it its controls. */
export interface Session extends LiveSession {
  begin(): NearControls
}
