// Pages and actions, which are known without asking the server; each is found in both languages, whichever is shown.
import { useMantineColorScheme } from '@mantine/core'
import {
  IconArrowsTransferUpDown,
  IconDeviceDesktop,
  IconFileImport,
  IconFingerprint,
  IconHistory,
  IconKey,
  IconLanguage,
  IconListSearch,
  IconLogout,
  IconMoon,
  IconPlayerPlay,
  IconReportSearch,
  IconServer,
  IconSettings,
  IconShieldCheck,
  IconSun,
  IconTerminal,
  IconTerminal2,
  IconUserCircle,
  IconUserPlus,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { chooseLanguage } from '../frame/choose-language.ts'
import { useMe } from '../frame/me.ts'
import { useSignOut } from '../frame/use-sign-out.ts'
import { useLanguage } from '../parts/use-language.ts'
import { languages } from '../words/words.ts'
import type { Item } from './items.ts'

export type LocalItem = Omit<Item, 'begins'> & { keywords: string }

/** `newTerminal`: the palette asks for a host. */
export function useLocalItems(newTerminal: () => void): LocalItem[] {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const me = useMe()
  const signOut = useSignOut()
  const language = useLanguage()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const isAdmin = me.role === 'admin'
  const page = (id: string, title: string, icon: Item['icon'], keywords: string, run: () => void): LocalItem => ({
    id,
    group: 'pages',
    title,
    icon,
    keywords,
    run,
  })
  const act = (id: string, title: string, icon: Item['icon'], keywords: string, run: () => void, more: Partial<LocalItem> = {}): LocalItem => ({
    ...{ id, group: 'actions', title, icon, keywords, run },
    ...more,
  })
  const other = languages.find(({ code }) => code !== language) ?? languages[0]
  const themes = (
    [
      ['light', 'light', IconSun, 'light theme bright 浅色 亮色 主题'],
      ['dark', 'dark', IconMoon, 'dark theme night 深色 暗色 夜间 主题'],
      ['auto', 'system', IconDeviceDesktop, 'system theme automatic 跟随系统 自动 主题'],
    ] as const
  ).filter(([scheme]) => scheme !== colorScheme)
  return [
    page('hosts', t('frame.nav.hosts'), IconServer, 'hosts servers machines assets 主机 服务器 资产', () => void navigate({ to: '/hosts' })),
    page('terminals', t('frame.nav.terminals'), IconTerminal2, 'terminals shells tabs 终端', () => void navigate({ to: '/terminals' })),
    page('sessions', t('frame.nav.sessions'), IconHistory, 'sessions live ended 会话', () => void navigate({ to: '/sessions' })),
    page('recordings', t('frame.nav.recordings'), IconPlayerPlay, 'recordings replay casts 录像 回放', () => void navigate({ to: '/recordings' })),
    page(
      'transfers',
      t('frame.nav.transfers'),
      IconArrowsTransferUpDown,
      'transfers files uploads downloads sftp scp rz sz sha256 文件 传输 上传 下载',
      () => void navigate({ to: '/transfers' }),
    ),
    page('commands', t('frame.nav.commands'), IconTerminal, 'commands log history what was run rules 命令 记录 规则', () => void navigate({ to: '/commands' })),
    ...(me.role === 'member'
      ? []
      : [page('audit', t('frame.nav.audit'), IconReportSearch, 'audit ledger log events chain verify 审计 日志 验证', () => void navigate({ to: '/audit' }))]),
    page(
      'account',
      t('frame.nav.account'),
      IconUserCircle,
      'my account profile password second factor totp tokens api browsers sign-ins me 我的账户 个人 密码 登录 双因素 令牌',
      () => void navigate({ to: '/account' }),
    ),
    page(
      'ssh',
      t('palette.sshPage'),
      IconTerminal,
      'ssh scp sftp rsync git vscode editor config known_hosts jump keys 密钥 配置 跳板',
      () => void navigate({ to: '/ssh' }),
    ),
    ...(me.role === 'member'
      ? []
      : [
          page(
            'who-may',
            t('frame.nav.whoMay'),
            IconListSearch,
            'who may can why access explain reach 谁可以 访问 权限 查询 为什么',
            () => void navigate({ to: '/who-may' }),
          ),
        ]),
    ...(isAdmin
      ? [
          page(
            'operators',
            t('frame.nav.operators'),
            IconUsers,
            'operators people users accounts roles 操作员 人员 用户',
            () => void navigate({ to: '/operators' }),
          ),
          page('groups', t('frame.nav.groups'), IconUsersGroup, 'groups teams members 用户组 团队 成员', () => void navigate({ to: '/groups' })),
          page('grants', t('frame.nav.grants'), IconShieldCheck, 'grants permissions access rights rules 授权 权限', () => void navigate({ to: '/grants' })),
          page(
            'credentials',
            t('credentials.title'),
            IconKey,
            'credentials shared passwords keys secrets rotate 凭据 共享 密钥 密码 轮换',
            () => void navigate({ to: '/credentials' }),
          ),
          page(
            'host-keys',
            t('hostKeys.title'),
            IconFingerprint,
            'host keys changed fingerprints decide 主机密钥 指纹 变更',
            () => void navigate({ to: '/host-keys' }),
          ),
          page(
            'settings',
            t('frame.nav.settings'),
            IconSettings,
            'settings preferences limits idle retention notice addresses disk 设置 限制 空闲 保留 公告 地址 磁盘',
            () => void navigate({ to: '/settings' }),
          ),
        ]
      : []),
    act('new-terminal', t('palette.action.newTerminal'), IconTerminal2, 'new terminal connect open shell 新终端 连接 打开', newTerminal, { stays: true }),
    ...(isAdmin
      ? [
          act(
            'add-host',
            t('palette.action.addHost'),
            IconServer,
            'add new host server create 添加 新增 主机',
            () => void navigate({ to: '/hosts', search: { host: 'new' } }),
          ),
          act(
            'add-operator',
            t('palette.action.addOperator'),
            IconUserPlus,
            'add new operator person user invite create 添加 新增 操作员 人员',
            () => void navigate({ to: '/operators', search: { edit: 'new' } }),
          ),
          act(
            'add-group',
            t('palette.action.addGroup'),
            IconUsersGroup,
            'add new group team create 添加 新增 用户组',
            () => void navigate({ to: '/groups', search: { edit: 'new' } }),
          ),
          act(
            'add-grant',
            t('palette.action.addGrant'),
            IconShieldCheck,
            'add new grant permission access allow 添加 新增 授权',
            () => void navigate({ to: '/grants', search: { edit: 'new' } }),
          ),
          act(
            'import',
            t('palette.action.importHosts'),
            IconFileImport,
            'import hosts ssh config csv 导入 主机',
            () => void navigate({ to: '/hosts', search: { host: 'import' } }),
          ),
        ]
      : []),
    act(
      'language',
      t('palette.action.language', { language: other.name }),
      IconLanguage,
      'language english chinese 中文 语言 英文 切换',
      () => void chooseLanguage(other.code),
    ),
    ...themes.map(([scheme, word, icon, keywords]) => act(`theme-${scheme}`, t(`palette.action.${word}`), icon, keywords, () => setColorScheme(scheme))),
    act('sign-out', t('palette.action.signOut'), IconLogout, 'sign out log out logout leave 退出 登出 注销', signOut.leave),
  ]
}
