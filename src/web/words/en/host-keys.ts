export const hostKeys = {
  title: 'Changed host keys',
  subtitle: 'Hosts that showed another key than the trusted one. Nobody gets in until you decide.',
  search: 'Search host or address',
  was: 'Trusted until now',
  now: 'Shown instead',
  firstSeen: 'First seen',
  lastSeen: 'Last seen',
  times: 'Times met',
  whoAndWhere: '{{operator}}, at gateway {{gateway}}',
  who: 'Met by',
  byLook: 'a look at the host',
  advice:
    'Either the host was installed anew, or something stands between it and Sallyport. Ask whoever runs the host to read out: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
  trust: 'Trust the new key',
  refuse: 'Keep refusing',
  trustTitle: 'Trust the new key of {{host}}?',
  trustText:
    'The keys trusted until now are forgotten, and everybody connects to whoever holds the new key. Do this only after someone confirmed this fingerprint on another way:',
  trustDo: 'It is confirmed: trust it',
  trusted: 'The new key of {{host}} is trusted.',
  refused: 'The new key of {{host}} stays refused. It is listed again when it is met again.',
  stale: 'The trusted keys of {{host}} have changed meanwhile. The list is renewed: look again.',
  openHost: 'Open {{host}}',
  empty: {
    title: 'No host has changed its key',
    text: 'Every host that was met showed the key that is trusted for it. When one does not, nobody gets in, and it is listed here.',
  },
}
