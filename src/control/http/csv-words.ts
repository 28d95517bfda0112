// The headings of files, in the languages of the pages. What stands below them are the words of the API, which programs read too; times are RFC 3339 in UTC.

export const csvLanguages = ['en', 'zh'] as const
export type CsvLanguage = (typeof csvLanguages)[number]

/** What was asked for, else the first of the browser's languages that is ours, else English. */
export function csvLanguage(asked: CsvLanguage | undefined, accepted: string | undefined): CsvLanguage {
  if (asked !== undefined) return asked
  for (const part of (accepted ?? '').slice(0, 200).split(',')) {
    const found = csvLanguages.find((language) => part.trim().toLowerCase().split(/[-;]/)[0] === language)
    if (found) return found
  }
  return 'en'
}

export const sessionHeadings = {
  en: [
    'Started',
    'Ended',
    'Seconds',
    'Operator',
    'Host',
    'Address',
    'Account',
    'Door',
    'Kind',
    'Command',
    'State',
    'Why it ended',
    'Message',
    'Failure',
    'Exit status',
    'Gateway',
    'From',
    'Bytes in',
    'Bytes out',
    'Recording',
    'Recording state',
    'Recording seconds',
    'Recording bytes',
    'Session',
  ],
  zh: [
    '开始时间',
    '结束时间',
    '时长（秒）',
    '操作员',
    '主机',
    '地址',
    '账号',
    '入口',
    '类型',
    '命令',
    '状态',
    '结束原因',
    '说明',
    '失败',
    '退出码',
    '网关',
    '来源',
    '流入字节',
    '流出字节',
    '录像',
    '录像状态',
    '录像时长（秒）',
    '录像字节',
    '会话',
  ],
} as const satisfies Record<CsvLanguage, readonly string[]>

export const commandHeadings = {
  en: ['Time', 'Operator', 'Host', 'Account', 'Command', 'How it is known', 'Folder', 'Exit status', 'Milliseconds', 'Rule', 'Verdict', 'Seconds', 'Session'],
  zh: ['时间', '操作员', '主机', '账号', '命令', '来源方式', '目录', '退出码', '毫秒', '规则', '处置', '录像位置（秒）', '会话'],
} as const satisfies Record<CsvLanguage, readonly string[]>

export const transferHeadings = {
  en: [
    ...['Time', 'Operator', 'Host', 'Address', 'Account', 'Way', 'Deed', 'Path', 'To', 'Bytes', 'SHA-256', 'Verified', 'Milliseconds', 'Outcome', 'Failure'],
    ...['Rule', 'Door', 'From', 'Recording position (seconds)', 'Session'],
  ],
  zh: [
    ...['时间', '操作员', '主机', '地址', '账号', '方式', '动作', '路径', '目标路径', '字节', 'SHA-256', '校验', '毫秒', '结果', '失败原因'],
    ...['规则', '入口', '来源', '录像位置（秒）', '会话'],
  ],
} as const satisfies Record<CsvLanguage, readonly string[]>

export const auditHeadings = {
  en: [
    ...['Number', 'Row', 'Time', 'Chained', 'Act', 'Outcome', 'Operator', 'Operator id', 'Object', 'Object id', 'From'],
    ...['Details', 'Request', 'Digest before', 'Digest after', 'Hash'],
  ],
  zh: [
    ...['链上序号', '行', '时间', '入链时间', '行为', '结果', '操作员', '操作员标识', '对象', '对象标识', '来源'],
    ...['详情', '请求', '变更前摘要', '变更后摘要', '哈希'],
  ],
} as const satisfies Record<CsvLanguage, readonly string[]>

export const assetHeadings = {
  en: [
    'Name',
    'Address',
    'Port',
    'Tags',
    'Accounts',
    'Host key policy',
    'Trusted keys',
    'Changed keys',
    'Old algorithms until',
    'Through',
    'Reachability',
    'Looked at',
    'Added',
    'Last used',
    'Host',
  ],
  zh: [
    '名称',
    '地址',
    '端口',
    '标签',
    '账号',
    '主机密钥策略',
    '已信任密钥',
    '已变更密钥',
    '旧算法截止',
    '经由',
    '可达性',
    '检查时间',
    '添加时间',
    '最近使用',
    '主机',
  ],
} as const satisfies Record<CsvLanguage, readonly string[]>
