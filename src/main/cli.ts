// The command line: what it is called with, in words.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { Role } from '#domain/operator.ts'
import { createByCommand, resetByCommand } from './admin-operators.ts'
import { exportAudit } from './export-audit.ts'
import { printClaimLink } from './claim-link.ts'
import { version } from './program.ts'
import { sayFailure } from './say.ts'
import { rotateVaultKey } from './rotate-key.ts'
import { serve } from './serve.ts'
import { readSettings, readWithSources } from './settings.ts'
import { printSshConfig, type SshConfigFlags } from './ssh-config.ts'
import { verifyAudit } from './verify.ts'

type Served = { data?: string; database?: string; config?: string }
type CreateFlags = Served & { name?: string; role: Role; mayWatch?: true }
type ResetFlags = Served & { removeSecondFactor?: true }
type VerifyFlags = { audit: string | true; data?: string; database?: string; heads?: string; trust?: string; config?: string; json?: true }

const several = (value: string, before: string[] | undefined) => {
  if (value === '') throw new InvalidArgumentError('is empty')
  return [...(before ?? []), value]
}

const program = new Command('sallyport')
  .description('A bastion: one door where people sign in, choose a host and work, and which records what happens.')
  .version(version)
  .exitOverride()
  // Errors are one line, printed below.
  .configureOutput({ writeErr: () => undefined })

program
  .command('serve')
  .description('Serve: control and gateways on this machine')
  .option('--data <dir>', 'folder for everything that is kept (./data)')
  .option('--http <host:port>', 'where people come in (127.0.0.1:8022); port 0 takes a free one')
  .option('--ssh <host:port>', 'where people come in by ssh (127.0.0.1:2222); port 0 takes a free one, "off" none')
  .option('--gateways <n>', 'processes that carry sessions (cores less one)')
  .option('--database <url>', 'postgres://… instead of SQLite in the data folder')
  .option('--public-url <url>', 'an address under which people reach it; may be repeated', several)
  .addOption(new Option('--tls <how>', 'serve HTTPS with a certificate that signs itself').choices(['self-signed']))
  .option('--tls-cert <file>', 'certificate chain, PEM; read again on SIGHUP')
  .option('--tls-key <file>', 'its private key, PEM')
  .option('--behind-proxy <cidr>', 'a proxy whose X-Forwarded-For is believed; may be repeated', several)
  .option('--config <file>', 'settings as YAML (./sallyport.yaml)')
  .option('--retention-days <n>', 'delete recordings older than this')
  .option('--retention-bytes <n>', 'delete the oldest recordings above this')
  .option('--disk-warn-at <share>', 'warn when the disk is this full (0.85)')
  .option('--disk-refuse-at <share>', 'refuse new sessions when the disk is this full (0.95)')
  .option('--idle-seconds <n>', 'end a session without a byte for so long (1800)')
  .addOption(new Option('--idle-on <which>', 'bytes that keep a session: of both sides, or what is typed alone (both)').choices(['both', 'input']))
  .option('--max-seconds <n>', 'end a session after so long, used or not; 0: never (0)')
  .option('--grace-seconds <n>', 'how long a session without its owner waits for them; 0: not at all (900)')
  .option('--sessions-per-operator <n>', 'terminals that one person may have open (200)')
  .option('--reach-every-seconds <n>', 'look so often whether each host can be reached; 0: never (300)')
  .option('--spool-bytes <n>', 'room for recordings that wait for control, per gateway (1073741824)')
  .option('--gateway-user <user>', 'whom gateways run as when started as root (sallyport-gateway, else 64022)')
  .option('--ledger-heads <dir>', 'also write signed heads of the ledger here, outside the data folder')
  .option('--forward-syslog <url>', 'tell the ledger to tcp://host:port or tls://host:port')
  .option('--forward-webhook <url>', 'tell the ledger to a signed webhook')
  .option('--forward-webhook-secret-file <file>', 'its secret; else SALLYPORT_FORWARD_WEBHOOK_SECRET')
  .option('--forward-ca <file>', 'authorities that those receivers are verified with besides, PEM')
  .option('--log-level <level>', 'JSON lines on stderr from this level on (warn)')
  .addHelpText('after', '\nEvery setting may also stand in SALLYPORT_… (SALLYPORT_PUBLIC_URL) or in sallyport.yaml (publicUrl).')
  .action(async ({ config, ...flags }: Record<string, unknown>) => {
    const { settings, givenBy } = readWithSources({ flags, environment: process.env, config: typeof config === 'string' ? config : undefined })
    process.exitCode = await serve(settings, givenBy)
  })

program
  .command('export')
  .description('Print what is kept, from files alone')
  .requiredOption('--audit', 'the ledger, as lines of JSON that "verify --audit FILE" reads')
  .option('--data <dir>', 'the folder that is served (./data)')
  .option('--database <url>', 'postgres://… instead of SQLite in the data folder')
  .option('--config <file>', 'settings as YAML (./sallyport.yaml)')
  .action(({ config, data, database }: { config?: string; data?: string; database?: string }) =>
    exportAudit(readSettings({ flags: { data, database }, environment: process.env, config }), process.stdout),
  )

program
  .command('verify')
  .description('Verify the ledger, with or without a Sallyport that runs; nothing is changed')
  .requiredOption('--audit [file]', 'the ledger: of the database, or of a file of exported lines')
  .option('--data <dir>', 'the folder that is served (./data)')
  .option('--database <url>', 'postgres://… instead of SQLite in the data folder')
  .option('--heads <dir>', 'signed heads from outside the data folder, as --ledger-heads writes them')
  .option('--trust <keyfile>', 'a copy of ledger.pub that was taken away from the machine before')
  .option('--config <file>', 'settings as YAML (./sallyport.yaml)')
  .option('--json', 'one object of JSON')
  .action(async ({ config, audit, heads, trust, json, ...flags }: VerifyFlags) => {
    const { data, database } = readSettings({ flags, environment: process.env, config })
    const more = { ...(typeof audit === 'string' ? { file: audit } : {}), ...(heads === undefined ? {} : { heads }), ...(trust === undefined ? {} : { trust }) }
    process.exitCode = await verifyAudit({ data, database, ...more, json: json === true })
  })

program
  .command('ssh-config')
  .description('Print a block for ~/.ssh/config with every host that you may use now')
  .option('--url <url>', 'where Sallyport is; or SALLYPORT_URL')
  .option('--token <token>', 'an API token that may look; others on this machine can see it here, so rather give SALLYPORT_TOKEN')
  .option('--host <host>', 'as ssh reaches the door from here, when not as Sallyport says')
  .option('--port <port>', 'its port')
  .option('--known-hosts', 'print the lines for ~/.ssh/known_hosts instead')
  .option('--out <file>', 'write to this file')
  .addHelpText(
    'after',
    '\nKeep it fresh, and apart from what you write yourself:\n  sallyport ssh-config --out ~/.ssh/sallyport\n  sallyport ssh-config --known-hosts >> ~/.ssh/known_hosts\nand at the top of ~/.ssh/config: Include sallyport',
  )
  .action((flags: SshConfigFlags) => printSshConfig(flags, process.env, process.stdout))

const admin = program.command('admin').description('What only the owner of this machine may do')
admin
  .command('claim-link')
  .description('Print the link for the first administrator again')
  .option('--data <dir>', 'the folder that is served (./data)')
  .option('--config <file>', 'settings as YAML (./sallyport.yaml)')
  .action(({ data, config }: { data?: string; config?: string }) => printClaimLink(readSettings({ flags: { data }, environment: process.env, config }).data))
admin
  .command('rotate-key')
  .description('Make a new vault key and seal every stored secret anew with it, while sessions and changes go on')
  .option('--data <dir>', 'the folder that is served (./data)')
  .option('--database <url>', 'postgres://… instead of SQLite in the data folder')
  .option('--config <file>', 'settings as YAML (./sallyport.yaml)')
  .action(({ config, ...flags }: { data?: string; database?: string; config?: string }) =>
    rotateVaultKey(readSettings({ flags, environment: process.env, config })),
  )
admin
  .command('create-operator')
  .description('Make a person and print their password, which holds for one sign-in')
  .argument('<username>')
  .option('--name <name>', 'as others see them (the user name)')
  .addOption(new Option('--role <role>').choices(Role.options).default('member'))
  .option('--may-watch', 'may watch and replay sessions of others, as an administrator')
  .option('--data <dir>', 'the folder that is served (./data)')
  .option('--database <url>', 'postgres://… instead of SQLite in the data folder')
  .option('--config <file>', 'settings as YAML (./sallyport.yaml)')
  .action((username: string, { config, name, role, mayWatch, ...flags }: CreateFlags) =>
    createByCommand(readSettings({ flags, environment: process.env, config }), {
      ...{ username, role, mayWatch: mayWatch === true },
      ...(name === undefined ? {} : { name }),
    }),
  )
admin
  .command('reset-password')
  .description('Print a password for one sign-in; what the person has open ends, and their API tokens')
  .argument('<username>')
  .option('--remove-second-factor', 'for who has lost it and the recovery codes')
  .option('--data <dir>', 'the folder that is served (./data)')
  .option('--database <url>', 'postgres://… instead of SQLite in the data folder')
  .option('--config <file>', 'settings as YAML (./sallyport.yaml)')
  .action((username: string, { config, removeSecondFactor, ...flags }: ResetFlags) =>
    resetByCommand(readSettings({ flags, environment: process.env, config }), { username, removeSecondFactor: removeSecondFactor === true }),
  )

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) process.exitCode = sayFailure(error)
  else if (error.exitCode !== 0) {
    const help = error.code === 'commander.help'
    process.stderr.write(help ? `${program.helpInformation()}` : `sallyport: ${error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')}\n`)
    process.exitCode = 2
  }
}
