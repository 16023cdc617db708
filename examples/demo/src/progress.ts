import ora from 'ora';

/** Says what goes on, on standard error: a spinner on a terminal, plain lines elsewhere. */
export interface Progress {
  /** The step before has succeeded; this one begins. */
  step(text: string): void;
  /** How the step goes; shown on a terminal only. */
  detail(text: string): void;
  done(): void;
  failed(): void;
}

export function progressOn(stream: NodeJS.WriteStream): Progress {
  // ora divides by the width, which some pseudo terminals give as 0
  return stream.isTTY && stream.columns > 0 ? spinning(stream) : plain(stream);
}

function spinning(stream: NodeJS.WriteStream): Progress {
  // Ctrl-C must reach the process, so that it can stop the servers
  const spinner = ora({ stream, discardStdin: false });
  let step = '';
  return {
    step(text) {
      if (step !== '') spinner.succeed();
      step = text;
      spinner.start(text);
    },
    detail(text) {
      spinner.text = `${step}  ${text}`;
    },
    done() {
      if (step !== '') spinner.succeed();
    },
    failed() {
      if (step !== '') spinner.fail();
    },
  };
}

function plain(stream: NodeJS.WriteStream): Progress {
  return {
    step(text) {
      stream.write(`${text}\n`);
    },
    detail() {},
    done() {},
    failed() {},
  };
}
