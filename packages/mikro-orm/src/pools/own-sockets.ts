import { Socket } from 'node:net';

interface At {
  readonly host: string;
  readonly port: number;
}

/**
 * The `mariadb` connector throws when the socket of a connection ends that nobody uses and nobody listens to any more, as
 * knex stops listening to one that it is closing; out of an event of the socket, that would end the process.
 */
class QuietSocket extends Socket {
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    try {
      return super.emit(event as 'error', ...(args as [Error]));
    } catch (error) {
      const ownEnd = error === args[0] || (error as { readonly code?: unknown }).code === 'ER_SOCKET_UNEXPECTED_CLOSE';
      if (ownEnd) return true;
      throw error;
    }
  }
}

/**
 * Sockets for the clients of MikroORM 6. knex tells nobody of those that are still connecting, and the `mariadb`
 * connector hides all of its own and does not close that of a frozen server.
 */
export class OwnSockets {
  readonly #open = new Set<Socket>();

  /** Whether its client uses them. */
  lent = false;

  /** One that its client will connect, as `pg` does. */
  unconnected(): Socket {
    const socket = new QuietSocket();
    this.lent = true;
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
    return socket;
  }

  /** One that connects already, as `mysql2` and `mariadb` want it. */
  connecting(at: At): Socket {
    return this.unconnected().connect(at).setNoDelay(true).setKeepAlive(true);
  }

  /** Lets the process end although they are open. */
  unref(): void {
    for (const socket of this.#open) socket.unref();
  }

  destroy(reason: Error): void {
    for (const socket of this.#open) socket.destroy(reason);
  }
}
