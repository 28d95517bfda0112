// What the SSH door says to people, in their language. Sentences of control and of the session come as they are.
import type { NoticeAbout } from '#session/near.ts'

export type DoorLanguage = 'en' | 'zh'
export type DoorWords = (typeof words)[DoorLanguage]

const en = {
  recorded: 'This session is recorded.',
  watched: (names: string) => `Watching this session: ${names}.`,
  takenOver: 'This session goes on in another window.',
  idleSoon: (seconds: number) => `This session ends in ${seconds} seconds unless you type something.`,
  durationSoon: (seconds: number) => `This session ends in ${seconds} seconds: it has lasted as long as it may.`,
  grantEndsSoon: (seconds: number) => `Your access to this host ends in ${seconds} seconds. Save your work.`,
  prolonged: 'You were given more time: this session goes on.',
  denied: (rule: string) => `The rule “${rule}” denies this command. Ctrl-C was sent.`,
  keyAccepted: (host: string, fingerprint: string) => `The key of ${host} was not checked, as its policy says. It shows ${fingerprint}.`,
  noHostChosen: 'No host was chosen.',
  noHost: (form: string) => `Say which host: ${form}`,
  hosts: (names: string, more: number) => `You may use: ${names}${more > 0 ? ` and ${more} more` : ''}.`,
  noHosts: 'There is no host that you may use now.',
  whichAccount: (asset: string, forms: string) => `${asset} has several accounts that you may use. Say which: ${forms}`,
  chooseAccount: (asset: string) => `Account on ${asset}, by number or name: `,
  reason: 'Why do you connect? ',
  reasonWanted: `Say why: ssh -o 'SetEnv=SALLYPORT_REASON="…"' …`,
  password: (account: string, address: string) => `Password of ${account} on ${address}: `,
  needsTerminal: 'The host asks for something that only a person can answer: connect with a terminal (ssh -t).',
  closing: 'Sallyport is restarting. Connect again in a moment.',
  fault: 'Sallyport failed at this. The fault is in its log.',
  enroll: (type: string, fingerprint: string) => `This key has proven itself:\n  ${type} ${fingerprint}`,
  enrollOpen: (url: string, number: string, minutes: number) =>
    `To add it to your account, open this page in a browser where you are signed in:\n  ${url}\nIt asks for this number: ${number}\nWaiting for ${minutes} minutes …`,
  enrolled: (username: string) => `Done: this key signs in ${username}.`,
  declined: 'It was declined: the key was not added.',
  enrollOver: 'Nobody approved it in time: the key was not added.',
}
const zh: typeof en = {
  recorded: '此会话会被录制。',
  watched: (names) => `正在观看此会话：${names}。`,
  takenOver: '此会话已在另一个窗口中继续。',
  idleSoon: (seconds) => `如无输入，此会话将在 ${seconds} 秒后结束。`,
  durationSoon: (seconds) => `此会话已达时长上限，将在 ${seconds} 秒后结束。`,
  grantEndsSoon: (seconds) => `您对此主机的访问权限将在 ${seconds} 秒后到期，请保存工作。`,
  prolonged: '访问时间已延长，此会话继续。',
  denied: (rule) => `规则“${rule}”禁止此命令，已发送 Ctrl-C。`,
  keyAccepted: (host, fingerprint) => `按其策略，未核对 ${host} 的主机密钥。它出示的是 ${fingerprint}。`,
  noHostChosen: '没有选择主机。',
  noHost: (form) => `请指定主机：${form}`,
  hosts: (names, more) => `您可以使用：${names}${more > 0 ? `，另有 ${more} 台` : ''}。`,
  noHosts: '目前没有您可以使用的主机。',
  whichAccount: (asset, forms) => `${asset} 上有多个您可以使用的账号，请指定：${forms}`,
  chooseAccount: (asset) => `${asset} 上的账号（编号或名称）：`,
  reason: '请说明连接原因：',
  reasonWanted: `请说明原因：ssh -o 'SetEnv=SALLYPORT_REASON="…"' …`,
  password: (account, address) => `${address} 上 ${account} 的密码：`,
  needsTerminal: '主机的提问只能由人回答：请使用终端连接（ssh -t）。',
  closing: 'Sallyport 正在重启，请稍后重新连接。',
  fault: 'Sallyport 出现故障，详情见其日志。',
  enroll: (type, fingerprint) => `此密钥已通过验证：\n  ${type} ${fingerprint}`,
  enrollOpen: (url, number, minutes) =>
    `要将它添加到您的账户，请在已登录的浏览器中打开此页面：\n  ${url}\n页面会要求输入此数字：${number}\n等待 ${minutes} 分钟……`,
  enrolled: (username) => `完成：此密钥可用于 ${username} 登录。`,
  declined: '已被拒绝：密钥未添加。',
  enrollOver: '未在规定时间内批准：密钥未添加。',
}
const words = { en, zh }

export const wordsFor = (language: DoorLanguage | undefined): DoorWords => words[language ?? 'en']

/** A notice of the session in the person's words, where it says what it is about. */
export function noticeWords(of: DoorWords, text: string, about: NoticeAbout | undefined): string {
  switch (about?.code) {
    case 'recorded':
      return of.recorded
    case 'idle_soon':
      return of.idleSoon(about.seconds)
    case 'duration_soon':
      return of.durationSoon(about.seconds)
    case 'grant_ends_soon':
      return of === words.en ? text : of.grantEndsSoon(about.seconds)
    case 'grant_prolonged':
      return of.prolonged
    case 'host_key_accepted':
      return of === words.en ? text : of.keyAccepted(about.host, about.fingerprint)
    case 'command_denied':
      return of.denied(about.rule)
    default:
      return text
  }
}
