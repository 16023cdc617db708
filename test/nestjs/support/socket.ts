/** What Node.js 22 and newer have as a global. */
interface GlobalSocket {
  addEventListener(
    event: string,
    listener: (event: { readonly data?: unknown }) => void,
    options?: { once: true },
  ): void;
  send(text: string): void;
  close(): void;
}
const { WebSocket } = globalThis as unknown as { WebSocket: new (url: string, protocol?: string) => GlobalSocket };

/** A WebSocket that gets one answer for each message. */
export class Socket {
  readonly #socket: GlobalSocket;

  private constructor(socket: GlobalSocket) {
    this.#socket = socket;
  }

  static async to(url: string, protocol?: string): Promise<Socket> {
    const socket = new WebSocket(url.replace('http', 'ws'), protocol);
    await new Promise<void>((resolve) => {
      socket.addEventListener('open', () => resolve(), { once: true });
    });
    return new Socket(socket);
  }

  /** The next message that comes after this one was sent. */
  ask(message: object): Promise<unknown> {
    const answer = new Promise((resolve) => {
      this.#socket.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data))), { once: true });
    });
    this.#socket.send(JSON.stringify(message));
    return answer;
  }

  close(): void {
    this.#socket.close();
  }
}
