/** Asking a system that is there, over a connection that may have been closed since it was last used. */
const triesMax = 8;
const pauseMs = 500;

const isConnection = (error: unknown): boolean =>
  error instanceof TypeError && /fetch failed|terminated/.test(error.message);

/** `work` may be done again; what fails for another reason, or always, is thrown. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === triesMax || !isConnection(error)) throw error;
    }
    await new Promise((resume) => setTimeout(resume, pauseMs));
  }
}
