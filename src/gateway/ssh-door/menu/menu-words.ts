// What the menu says, in the operator's language.

import type { DoorLanguage } from '../door-words.ts'

export type MenuWords = {
  choose: (operator: string) => string
  chooseAccount: (host: string) => string
  search: string
  help: string
  helpAccount: string
  /** `from` to `to` of `of`. */
  shown: (from: number, to: number, of: number) => string
  none: string
  noneFound: (query: string) => string
  failed: string
  looking: string
  dumb: string
  dumbAccount: string
  notANumber: string
}

export const menuWords: Readonly<Record<DoorLanguage, MenuWords>> = {
  en: {
    choose: (operator) => `Sallyport: where to, ${operator}?`,
    chooseAccount: (host) => `${host}: as whom?`,
    search: 'Search: ',
    help: 'Type to search, arrows or a number to choose, Enter to connect, Ctrl-C to leave',
    helpAccount: 'Arrows or a number to choose, Enter to connect, Esc to go back, Ctrl-C to leave',
    shown: (from, to, of) => `${from} to ${to} of ${of}`,
    none: 'No host is open to you now. Ask an administrator for a grant.',
    noneFound: (query) => `Nothing is called “${query}”. Erase to see the others.`,
    failed: 'The hosts cannot be read now. Press a key to try again, or Ctrl-C to leave.',
    looking: 'Looking …',
    dumb: 'Number of a host, or text to search (empty: all, q: leave): ',
    dumbAccount: 'Number of an account (b: back, q: leave): ',
    notANumber: 'There is no such number here.',
  },
  zh: {
    choose: (operator) => `Sallyport：${operator}，连接到哪台主机？`,
    chooseAccount: (host) => `${host}：使用哪个账号？`,
    search: '搜索：',
    help: '输入文字搜索，方向键或序号选择，回车连接，Ctrl-C 退出',
    helpAccount: '方向键或序号选择，回车连接，Esc 返回，Ctrl-C 退出',
    shown: (from, to, of) => `第 ${from} 至 ${to} 项，共 ${of} 项`,
    none: '目前没有您可以使用的主机。请向管理员申请授权。',
    noneFound: (query) => `没有与“${query}”匹配的主机。删除文字可查看其他主机。`,
    failed: '暂时无法读取主机列表。按任意键重试，或按 Ctrl-C 退出。',
    looking: '正在查找……',
    dumb: '主机序号，或要搜索的文字（留空：全部，q：退出）：',
    dumbAccount: '账号序号（b：返回，q：退出）：',
    notANumber: '此处没有该序号。',
  },
}
