// Rows of a canned query, or an error that says what to do.

export class QueryError extends Error {}

export function queryAddress(url, parameters, format = "") {
  return `${url}${format}?${new URLSearchParams(parameters)}`;
}

export async function fetchRows(url, parameters, signal) {
  const { columns, rows } = await fetchJson(queryAddress(url, parameters, ".rows"), signal);
  return rows.map((values) => Object.fromEntries(columns.map((column, place) => [column, values[place]])));
}

export async function fetchJson(address, signal) {
  let response;
  try {
    response = await fetch(address, { signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new QueryError("The server does not answer. Check that it is running, then try again.");
  }
  let body;
  try {
    body = await response.json();
  } catch {
    throw new QueryError(`The server's answer (${response.status}) cannot be read. Try again, or look at its log.`);
  }
  if (response.ok) return body;
  if (/longer than|interrupted/i.test(body.error ?? "")) {
    throw new QueryError("The query took longer than the server allows. Choose a shorter range or a smaller project.");
  }
  if (response.status === 503 && body.error) throw new QueryError(body.error); // says itself what to do
  throw new QueryError(`The query failed: ${body.error ?? response.status}. The server's log may say more.`);
}
