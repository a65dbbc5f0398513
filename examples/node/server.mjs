// The support agent over HTTP: POST /agent {"query": "…"} -> {"output": "…"}.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { port } from "./settings.mjs";
import { answer, Failure, within } from "./agent.mjs";

const REQUEST_TIMEOUT = 9_500; // milliseconds: our callers wait ten seconds
const GRACE = 9_000;
const MOST_REQUESTS = 64; // at once
const LARGEST_BODY = 65_536;

let running = 0;

const server = createServer(async (request, response) => {
  const given = request.headers["x-request-id"] ?? "";
  const id = /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
  const began = performance.now();
  if (request.method === "GET" && /^\/health\/(live|ready)$/.test(request.url)) {
    return reply(response, id, 200, { status: "ok" });
  }
  if (request.method !== "POST" || request.url !== "/agent") {
    return reply(response, id, 404, { status: "error", error: "only POST /agent is here" });
  }
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const patience = within(REQUEST_TIMEOUT, gone.signal);
  running++;
  try {
    if (running > MOST_REQUESTS) throw new Failure(503, "too many requests at once", { retryAfter: 1 });
    const question = await questionIn(request);
    const output = await answer(question, patience.signal);
    reply(response, id, 200, { output });
    log("info", "answered", { request_id: id, seconds: (performance.now() - began) / 1000 });
  } catch (error) {
    if (gone.signal.aborted) return log("warning", "the caller has gone", { request_id: id });
    const status = error instanceof Failure ? error.status : 500;
    const message = error instanceof Failure ? error.message : `the agent failed: ${error.name}`;
    const cause = error.cause ?? error;
    log("error", message, { request_id: id, status, error: cause.constructor.name, detail: cause.message });
    const retry = error.retryAfter ? { "Retry-After": String(error.retryAfter) } : {};
    reply(response, id, status, { status: "error", error: message, request_id: id }, retry);
  } finally {
    patience.done();
    running--;
  }
});

async function questionIn(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Failure(413, `the request is larger than ${LARGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  let query;
  try {
    ({ query } = JSON.parse(Buffer.concat(chunks).toString("utf8")));
  } catch (cause) {
    throw new Failure(400, 'the request should be a JSON object: {"query": "…"}', { cause });
  }
  if (typeof query !== "string" || !query.trim()) throw new Failure(400, '"query" should be a text');
  return query;
}

function reply(response, id, status, body, headers = {}) {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  const type = "application/json";
  response.writeHead(status, { "Content-Type": type, "Content-Length": length, "X-Request-ID": id, ...headers });
  response.end(text);
}

function log(level, message, fields) {
  console.log(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }));
}

// Process 1 of a container hears SIGTERM only through a handler of its own.
process.on("SIGTERM", () => {
  server.close(() => process.exit(0)); // no new ones; what is running is finished
  setTimeout(() => process.exit(0), GRACE).unref();
});

server.listen(port, "0.0.0.0", 511, () => log("info", "ready", { port }));
