/**
 * What a command says, on its own lines. A reader that has left (`… | head -1`) ends the command
 * quietly, with the exit code that a shell gives to what a closed pipe ended: it is no success.
 */
const closedPipe = 141;

for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(closedPipe);
  });

export const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
