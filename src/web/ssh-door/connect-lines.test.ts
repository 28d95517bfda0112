import { describe, expect, it } from 'vitest'
import { connectLines, doorName, placeOf, shellWord, sshLine } from './connect-lines.ts'

const whither = { operator: 'alice', account: 'root', asset: 'web1' }

describe('the lines for ssh and its kin', () => {
  it('are those of the door', () => {
    expect(connectLines({ host: 'bastion', port: 2222 }, whither)).toEqual({
      ssh: 'ssh -p 2222 alice+root+web1@bastion',
      scp: 'scp -P 2222 report.pdf alice+root+web1@bastion:/tmp/',
      sftp: 'sftp -P 2222 alice+root+web1@bastion',
      rsync: "rsync -av -e 'ssh -p 2222' site/ alice+root+web1@bastion:/srv/site/",
      git: 'git clone ssh://alice+root+web1@bastion:2222/srv/git/project.git',
      code: 'ssh -p 2222 alice+root+web1@bastion',
      jump: 'ssh -J alice@bastion:2222 root@web1',
    })
  })

  it('leave the usual port out, and put IPv6 into brackets where a colon would end the host', () => {
    const lines = connectLines({ host: '2001:db8::1', port: 22 }, whither)
    expect(lines.ssh).toBe('ssh alice+root+web1@2001:db8::1')
    expect(lines.scp).toBe('scp report.pdf alice+root+web1@[2001:db8::1]:/tmp/')
    expect(lines.rsync).toBe('rsync -av site/ alice+root+web1@[2001:db8::1]:/srv/site/')
    expect(lines.jump).toBe('ssh -J alice@[2001:db8::1] root@web1')
  })

  it('quote a name that a shell would read as a command', () => {
    const evil = { operator: 'alice', account: 'root', asset: '$(id);`id`' }
    for (const [kind, line] of Object.entries(connectLines({ host: 'b', port: 2222 }, evil))) {
      const outside = line.replace(/'[^']*'/g, '')
      expect(outside, kind).not.toMatch(/[$`;()]/)
    }
    expect(shellWord("a'b")).toBe(`'a'\\''b'`)
    expect(shellWord('数据库')).toBe("'数据库'")
  })

  it('take a mail address as a name, and write it as an address needs it', () => {
    const mail = { ...whither, operator: 'a@example.org' }
    expect(doorName(mail)).toBe('a@example.org+root+web1')
    expect(connectLines({ host: 'b', port: 2222 }, mail).git).toContain('ssh://a%40example.org+root+web1@b:2222/')
    expect(sshLine({ host: 'b', port: 22 }, 'enroll')).toBe('ssh enroll@b')
  })

  it('are none while the door is shut', () => {
    expect(placeOf({})).toBeUndefined()
    expect(placeOf({ host: 'b', port: 22 })).toEqual({ host: 'b', port: 22 })
  })
})
