import type { Servers } from '@sluice/core/testing';
import type { Cluster } from '@sluice/testbed';

/** The testbed's servers, as the kit asks for them. */
export function serversOf(cluster: Cluster): Servers {
  return {
    kill: (name) => cluster.server(name).kill(),
    async restart(name) {
      await cluster.server(name).restart();
      await cluster.caughtUp();
    },
    pauseReplay: (name) => cluster.server(name).pauseReplay(),
    resumeReplay: (name) => cluster.server(name).resumeReplay(),
    async caughtUp() {
      await cluster.caughtUp();
    },
  };
}

/** The name of the server that listens on a port. */
export function nameOf(cluster: Cluster, port: unknown): string {
  const server = cluster.servers.find((each) => each.port === Number(port));
  if (server === undefined) throw new Error(`no server listens on ${String(port)}`);
  return server.name;
}
