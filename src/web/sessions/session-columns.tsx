// The columns that lists of sessions and of recordings share, each once.
import type { TFunction } from 'i18next'
import type { SessionView } from '#wire/api/sessions.ts'
import type { Column } from '../parts/list-column.ts'
import { byteSize, clockTime } from '../parts/format.ts'
import { Moment } from '../parts/moment.tsx'
import { RecordingStateWord } from './recording-state.tsx'
import { Door, Lasted, LiveState, Where, Who, WhyEnded } from './session-cells.tsx'

type Name =
  | 'asset'
  | 'operator'
  | 'state'
  | 'reason'
  | 'startedAt'
  | 'endedAt'
  | 'seconds'
  | 'idle'
  | 'bytesIn'
  | 'bytesOut'
  | 'door'
  | 'address'
  | 'account'
  | 'source'
  | 'gateway'
  | 'why'
  | 'grants'
  | 'recordingState'
  | 'recordingSeconds'
  | 'recordingBytes'
  | 'file'
type Made = Column<SessionView>
const number = (text: string) => <span className="tnum">{text}</span>
const mono = (text: string) => <span className="mono">{text}</span>

/** Every column by its name; a list takes those it wants, in its order, with what it changes. */
export function sessionColumnsOf(t: TFunction): Record<Name, Made> {
  return {
    asset: { key: 'asset', label: t('sessions.column.asset'), sort: 'asset', width: '17%', phone: 'head', fixed: true, show: (row) => <Where row={row} /> },
    operator: { key: 'operator', label: t('sessions.column.operator'), sort: 'operator', width: '13%', show: (row) => <Who row={row} /> },
    state: { key: 'state', label: t('sessions.column.state'), sort: 'state', phone: 'head', show: (row) => <LiveState row={row} /> },
    reason: { key: 'reason', label: t('sessions.column.reason'), sort: 'endReason', width: '20%', show: (row) => <WhyEnded row={row} /> },
    startedAt: { key: 'started', label: t('sessions.column.startedAt'), sort: 'startedAt', show: (row) => <Moment at={row.startedAt} /> },
    endedAt: { key: 'ended', label: t('sessions.column.endedAt'), sort: 'endedAt', phone: 'none', show: (row) => <Moment at={row.endedAt} /> },
    seconds: { key: 'duration', label: t('sessions.column.duration'), sort: 'seconds', align: 'right', show: (row) => <Lasted row={row} /> },
    idle: {
      key: 'idle',
      label: t('sessions.column.idle'),
      sort: 'idle',
      align: 'right',
      show: (row) => number(row.idleMs === undefined ? '–' : clockTime(row.idleMs / 1000)),
    },
    bytesIn: {
      key: 'bytesIn',
      label: t('sessions.column.bytesIn'),
      sort: 'bytesIn',
      align: 'right',
      phone: 'none',
      hidden: true,
      show: (row) => number(byteSize(row.bytesIn)),
    },
    bytesOut: {
      key: 'bytesOut',
      label: t('sessions.column.bytesOut'),
      sort: 'bytesOut',
      align: 'right',
      phone: 'none',
      show: (row) => number(byteSize(row.bytesOut)),
    },
    door: { key: 'door', label: t('kinds.column'), sort: 'door', show: (row) => <Door row={row} /> },
    address: { key: 'address', label: t('sessions.column.address'), sort: 'address', phone: 'none', hidden: true, show: (row) => mono(row.address) },
    account: { key: 'account', label: t('sessions.column.account'), sort: 'account', phone: 'none', hidden: true, show: (row) => mono(row.account) },
    source: { key: 'source', label: t('sessions.column.source'), sort: 'source', phone: 'none', hidden: true, show: (row) => mono(row.source) },
    gateway: { key: 'gateway', label: t('sessions.column.gateway'), sort: 'gateway', phone: 'none', hidden: true, show: (row) => row.gateway },
    why: { key: 'why', label: t('sessions.column.why'), phone: 'none', hidden: true, show: (row) => <bdi>{row.reason ?? '–'}</bdi> },
    grants: { key: 'grants', label: t('sessions.column.grants'), phone: 'none', hidden: true, show: (row) => <bdi>{row.grants?.join(', ') ?? '–'}</bdi> },
    recordingState: {
      key: 'recording',
      label: t('sessions.column.recording'),
      sort: 'recordingState',
      show: (row) => (row.recording ? <RecordingStateWord state={row.recording.state} /> : '–'),
    },
    recordingSeconds: {
      key: 'length',
      label: t('recordings.column.length'),
      sort: 'recordingSeconds',
      align: 'right',
      show: (row) => number(row.recording ? clockTime(row.recording.seconds) : '–'),
    },
    recordingBytes: {
      key: 'size',
      label: t('recordings.column.size'),
      sort: 'recordingBytes',
      align: 'right',
      show: (row) => number(row.recording ? byteSize(row.recording.bytes) : '–'),
    },
    file: { key: 'file', label: t('recordings.column.file'), phone: 'none', hidden: true, show: (row) => mono(row.recording?.fileName ?? '–') },
  }
}
