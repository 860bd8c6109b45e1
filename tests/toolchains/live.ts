// What the live programs share: where the sandbox is, and what a picture looks like.

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

function setting(name: string): string {
  const value = process.env[name];
  assert(value, `${name} is not set`);
  return value;
}

export const settings = { url: setting("PIXOLA_BASE_URL"), key: setting("PIXOLA_API_KEY") };

export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

export async function readPicture(url: string): Promise<void> {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  assert(String.fromCharCode(...bytes.slice(1, 4)) === "PNG", "the picture is no PNG");
}
