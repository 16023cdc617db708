import { CookieJar } from 'tough-cookie';

export interface Reply {
  readonly status: number;
  /** The body, as JSON if it is some. */
  readonly body: unknown;
  readonly setCookie: string | null;
}

/** A user with a cookie jar of their own, and with headers that go along with each request. */
export class User {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #jar = new CookieJar();

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#url = url;
    this.#headers = headers;
  }

  async send(method: string, path: string, body?: object): Promise<Reply> {
    const cookie = await this.#jar.getCookieString(this.#url);
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...this.#headers,
        ...(cookie !== '' && { cookie }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const setCookie = response.headers.get('set-cookie');
    if (setCookie !== null) await this.#jar.setCookie(setCookie, this.#url);
    return { status: response.status, body: parsed(await response.text()), setCookie };
  }

  get = (path: string) => this.send('GET', path);
  /** With a body, as frameworks read one in the context of its socket. */
  post = (path: string) => this.send('POST', path, { a: 1 });
}

function parsed(text: string): unknown {
  return /^[[{]/.test(text) ? JSON.parse(text) : text;
}
