import { join } from 'node:path';

import type { Peers } from '../engine.js';
import type { Place } from '../place.js';

/** Quick to notice a lost node: by default it is suspected after 5 s and expelled after 15 s. */
const TIMERS: readonly string[] = [
  'evs.keepalive_period=PT0.2S',
  'evs.inactive_check_period=PT0.1S',
  'evs.join_retrans_period=PT0.2S',
  'evs.suspect_timeout=PT1S',
  'evs.inactive_timeout=PT2S',
];

export interface GaleraOptions {
  readonly place: Place;
  readonly peers: Peers;
  readonly provider: string;
}

/** A node's four ports: clients, the group, and the two ways to hand it the data it missed. */
export function galeraArgs({ place, peers, provider }: GaleraOptions): readonly string[] {
  const [sql, group, changes, files] = place.ports;
  const addresses = peers.all.map((peer) => `127.0.0.1:${peer.ports[1]}`);
  const providerOptions = [
    `base_port=${group}`,
    `gmcast.listen_addr=tcp://127.0.0.1:${group}`,
    `ist.recv_addr=127.0.0.1:${changes}`,
    'gcache.size=8M',
    'pc.recovery=FALSE',
    ...TIMERS,
  ];
  return [
    `--port=${sql}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(place.folder, 'admin.sock')}`,
    `--pid-file=${join(place.folder, 'server.pid')}`,
    `--server-id=${place.id}`,
    '--binlog-format=ROW',
    '--innodb-autoinc-lock-mode=2',
    '--wsrep-on=ON',
    `--wsrep-provider=${provider}`,
    '--wsrep-cluster-name=sluice',
    `--wsrep-node-name=${place.name}`,
    `--wsrep-node-address=127.0.0.1:${group}`,
    `--wsrep-provider-options=${providerOptions.join(';')}`,
    '--wsrep-sst-method=rsync',
    `--wsrep-sst-receive-address=127.0.0.1:${files}`,
    '--wsrep-slave-threads=2',
    ...(peers.running.length > 0
      ? [`--wsrep-cluster-address=gcomm://${addresses.join(',')}`]
      : ['--wsrep-cluster-address=gcomm://', '--wsrep-new-cluster']),
  ];
}
