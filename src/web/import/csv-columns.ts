// What the columns of a table of hosts may be called, in both languages of the product and as other tools call them.

export const csvFields = ['name', 'address', 'port', 'tags', 'account', 'password', 'credential', 'via', 'policy'] as const
export type CsvField = (typeof csvFields)[number]

const titles: Record<CsvField, readonly string[]> = {
  name: ['name', 'host name', 'asset', 'alias', 'label', 'display name', '名称', '主机名称', '资产名称', '主机名', '主机', '别名', '资产'],
  address: ['address', 'ip', 'ip address', 'host address', 'hostname', 'host', 'server', 'fqdn', '地址', 'ip地址', '主机地址', '主机ip', '域名', '服务器'],
  port: ['port', 'ssh port', '端口', 'ssh端口', '端口号'],
  tags: ['tags', 'tag', 'labels', 'group', 'groups', '标签', '分组', '组'],
  account: ['account', 'accounts', 'user', 'username', 'user name', 'login', '账号', '帐号', '账户', '用户', '用户名', '登录名'],
  password: ['password', 'pass', 'secret', '密码', '口令'],
  credential: ['credential', 'shared credential', '凭据', '共享凭据', '凭证'],
  via: ['via', 'jump', 'jump host', 'proxy jump', 'proxyjump', 'gateway', 'bastion', '跳板', '跳板机', '跳转', '经由', '网关'],
  policy: ['policy', 'host key policy', 'key policy', '策略', '密钥策略', '主机密钥策略'],
}
const fieldOf = new Map(csvFields.flatMap((field) => titles[field].map((title) => [title, field] as const)))

const folded = (title: string) =>
  title
    .normalize('NFKC')
    .replace(/^\uFEFF/, '')
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')

export type CsvHead = { columns: (CsvField | undefined)[]; unknown: string[]; twice: string[] }

/** Which column is what. A table with a column for host names and none for addresses is reached by the names. */
export function readHead(cells: readonly string[]): CsvHead {
  const columns: (CsvField | undefined)[] = []
  const unknown: string[] = []
  const twice: string[] = []
  for (const cell of cells) {
    const field = fieldOf.get(folded(cell)) ?? fieldOf.get(folded(cell).replaceAll(' ', ''))
    const isTwice = field !== undefined && columns.includes(field)
    if (field === undefined && cell.trim() !== '') unknown.push(cell.trim())
    if (isTwice) twice.push(cell.trim())
    columns.push(isTwice ? undefined : field)
  }
  return { columns, unknown, twice }
}

/** Whether a first line looks like the head of a table of hosts and not like something else. */
export const looksLikeHead = (line: string): boolean => {
  const { columns } = readHead(line.split(/[,;\t]/).map((cell) => cell.replace(/^\s*"|"\s*$/g, '')))
  return columns.includes('address') || columns.filter((field) => field !== undefined).length >= 2
}

/** A table to begin with, in the reader's language; with a byte order mark, or spreadsheets would misread the Chinese one. */
export function csvTemplate(language: 'en' | 'zh'): string {
  const head =
    language === 'zh'
      ? ['名称', '地址', '端口', '标签', '账号', '密码', '凭据', '跳板']
      : ['name', 'address', 'port', 'tags', 'account', 'password', 'credential', 'via']
  const rows = [
    ['web1', '192.0.2.10', '22', 'web;production', 'deploy', '', '', ''],
    ['db1', 'db1.example.org', '2222', 'db', 'postgres', '', '', 'deploy@web1'],
  ]
  return `\uFEFF${[head, ...rows].map((row) => row.join(',')).join('\r\n')}\r\n`
}
