// In the place of node:fs: files are what the server of the page has. A synchronous request is fine in a test.

export function readFileSync(file: URL): string {
  const { status, responseText } = get(file);
  if (status !== 200) throw new Error(`${file.pathname} was answered with HTTP status ${status}`);
  return responseText;
}

export function existsSync(file: URL): boolean {
  return get(file).status === 200;
}

function get(file: URL): XMLHttpRequest {
  const request = new XMLHttpRequest();
  request.open("GET", file.href, false);
  request.send();
  return request;
}
