import { transformFileSync } from '@swc/core';
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const require = createRequire(import.meta.url);

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  /** What it wrote to its error output. */
  readonly complaints: string;
  /** Milliseconds since its last message. */
  readonly lingeredMs: number;
}

/** A Node.js process of its own, which dies of an unhandled rejection and ends when nothing is left to wait for. */
export class Program {
  readonly ending: Promise<Ending>;
  readonly #process: ChildProcess;
  readonly #messages: unknown[] = [];
  #heard: (() => void) | undefined;

  /** Runs `program.ts` of this folder, with the packages and the TypeORM that are under test. */
  constructor(folder: string, task: string, options: object) {
    this.#process = fork(join(folder, 'program.js'), [task, JSON.stringify(options)], {
      execArgv: ['--unhandled-rejections=strict'],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    let complaints = '';
    let last = performance.now();
    this.#process.stderr?.on('data', (bytes: Buffer) => (complaints += bytes.toString()));
    this.#process.on('message', (message) => {
      last = performance.now();
      this.#messages.push(message);
      this.#heard?.();
    });
    this.ending = new Promise((resolve) => {
      this.#process.on('close', (code) => resolve({ code, complaints, lingeredMs: performance.now() - last }));
    });
  }

  /** The next thing it says; its complaints, if it ends without a word. */
  async says(): Promise<unknown> {
    const silent = this.ending.then(({ complaints }) => new Error(`it ended: ${complaints}`));
    while (this.#messages.length === 0) {
      const ended = await Promise.race([
        silent,
        new Promise<undefined>((resolve) => (this.#heard = () => resolve(undefined))),
      ]);
      if (ended !== undefined && this.#messages.length === 0) throw ended;
    }
    return this.#messages.shift();
  }

  tell(message: string): void {
    this.#process.send(message);
  }
}

/** Compiles the packages and `program.ts` into a folder of their own; whoever asks for it removes it. */
export function compiled(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-program-'));
  const modules = join(folder, 'node_modules');
  for (const name of ['core', 'typeorm']) {
    const to = join(modules, '@sluice', name);
    compileFolder(join(root, 'packages', name, 'src'), to);
    writeFileSync(join(to, 'package.json'), JSON.stringify({ type: 'module', exports: './index.js' }));
  }
  // which of them is the matter of the Jest project
  const typeorm = require.resolve('typeorm').includes('typeorm-0.3') ? 'typeorm-0.3' : 'typeorm';
  symlinkSync(join(root, 'node_modules', typeorm), join(modules, 'typeorm'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  compile(join(here, 'program.ts'), join(folder, 'program.js'));
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

function compileFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) compileFolder(join(from, entry.name), join(to, entry.name));
    else compile(join(from, entry.name), join(to, entry.name.replace(/\.ts$/, '.js')));
  }
}

function compile(from: string, to: string): void {
  const { code } = transformFileSync(from, {
    swcrc: false,
    jsc: { target: 'es2023', parser: { syntax: 'typescript' }, transform: { useDefineForClassFields: true } },
    module: { type: 'nodenext' as 'es6' },
  });
  writeFileSync(to, code);
}
