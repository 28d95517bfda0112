export const firstRun = {
  title: 'Where do you want to work?',
  text: 'Hosts are the machines that people reach through Sallyport. Begin with one, or bring all you have.',
  add: 'Add a host',
  addText: 'An address, an account, and a check that shows whether it works. Takes a minute.',
  addDo: 'Add a host',
  import: 'Import what you have',
  importText: 'From your SSH configuration or a table. You see every host before it is saved.',
  importDo: 'Import hosts',
  once: 'Connect once',
  onceText: 'Open a terminal without saving anything. The password is asked for there.',
  onceLabel: 'User and host',
  onceDo: 'Connect',
  onceBad: 'Write it as user@host or user@host:port.',
  memberTitle: 'Nothing is granted to you yet',
  memberText:
    'You reach the hosts that an administrator has granted to you or to a group of yours, and there are none yet. Ask whoever gave you your user name.',
}
